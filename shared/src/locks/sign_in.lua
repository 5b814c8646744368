-- Slows down password guessing against one account, by the server's clock.
-- KEYS: wrong passwords from one network; wrong passwords from any network; whether the network has
-- signed in before.
-- ARGV: 'ask' before a password is checked, 'wrong' or 'right' after; wrong passwords allowed in a
-- minute; the first and the longest wait in milliseconds; wrong passwords allowed from all
-- networks, and in how many milliseconds; for how many milliseconds a network is remembered.
-- Returns for how many milliseconds no password is checked; 0 if one is checked now.
--
-- The waits belong to one network and one account, so nobody can lock out a user who is somewhere
-- else. The limit over all networks is a leaky bucket that stores one timestamp. It stops guesses
-- that are spread over many networks. It does not apply to a network that has signed in before.
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
-- Attempts that were already running when the wait began do not lengthen it.
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
-- The count is forgotten when no wrong password follows for the longest wait after this one ends.
redis.call('PEXPIRE', here, wait + longest)
return wait
