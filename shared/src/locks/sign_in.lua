-- Slows down whoever guesses an account's password, by the server's own clock.
-- KEYS: the account as tried from one network; the account as tried from anywhere; that the network has signed in to it.
-- ARGV: 'ask' before a password is looked at, 'wrong' or 'right' after; how many wrong ones a minute may have; the first
-- and the longest wait in milliseconds; how many wrong ones from anywhere are let through, and in how many milliseconds;
-- for how many milliseconds a network is remembered.
-- Returns for how many milliseconds no password is looked at; 0 if one is.
--
-- The waits are those of one network and account, so that nobody can lock out a person who is somewhere else. The limit
-- on all networks together is a leaky bucket that keeps one time stamp: it is for guesses spread over many networks, and
-- does not hold for a network that has signed in before.
local here, anywhere, known = KEYS[1], KEYS[2], KEYS[3]
local what, allowed, first, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local spread, period, remembered = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)

local function number(field) return tonumber(redis.call('HGET', here, field) or '') or 0 end
local full = math.max(tonumber(redis.call('GET', anywhere) or '') or ms, ms)
local waits_until = number('until')

if what == 'right' then
  redis.call('DEL', here)
  redis.call('SET', known, '1', 'PX', remembered)
  return 0
end

if what == 'ask' then
  if waits_until > ms then return waits_until - ms end
  local next_at = math.ceil(full + period / spread - period)
  if next_at > ms and redis.call('EXISTS', known) == 0 then return next_at - ms end
  return 0
end

redis.call('SET', anywhere, string.format('%.0f', full + period / spread), 'PX', math.ceil(full - ms + period / spread) + 1)
-- Those that were under way when the wait began lengthen it no further.
if waits_until > ms then return waits_until - ms end
local level = number('level')
if level > 0 then
  level = level + 1
else
  local since, wrong = number('since'), number('wrong')
  if ms - since >= 60000 then since, wrong = ms, 0 end
  wrong = wrong + 1
  redis.call('HSET', here, 'since', since, 'wrong', wrong)
  if wrong >= allowed then level = 1 end
end
local wait = 0
if level > 0 then
  wait = math.min(first * 2 ^ (level - 1), longest)
  redis.call('HSET', here, 'level', level, 'until', string.format('%.0f', ms + wait))
end
-- After a wait, as long again as the longest one without a wrong password makes good.
redis.call('PEXPIRE', here, wait + longest)
return wait
