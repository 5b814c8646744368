-- Takes the locks of a whole basket, or none.
-- KEYS: the locks, then the caller's turns on the same seats (see release.lua); then the seats that the caller has taken
-- lately, by when their locks end; then since when, in milliseconds since 1970, all that is taken is known here.
-- ARGV: reservation token, user, TTL in milliseconds, how many turns a seat may have, 1 if seats were taken that this
-- server has not heard of.
-- Returns {0, free keys taken, own keys left in place}; or {1, key, milliseconds left, key, milliseconds left, ...}
-- for the locks of others; or {2, milliseconds} until the caller's turns on one of the seats are forgotten.
-- The caller's own locks neither refuse nor change: MongoDB decides about those.
local token, user, ttl, allowed = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local seats = (#KEYS - 2) / 2
local mine, known = KEYS[#KEYS - 1], KEYS[#KEYS]

-- The lock under a key, or nil. What is no lock of ours (another type, no TTL or too long a one, no JSON) counts as
-- absent, and is written over: it must not keep a seat from being sold for ever.
local function lock_at(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return nil end
  local left = redis.call('PTTL', key)
  if left < 0 or left > ttl then return nil end
  local ok, lock = pcall(cjson.decode, redis.call('GET', key))
  if not ok or type(lock) ~= 'table' or type(lock.userId) ~= 'string' then return nil end
  return lock, left
end

-- For how long the caller leaves that seat to others.
local function rest_of(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return 0 end
  local left = redis.call('PTTL', key)
  if left < 0 or left > ttl or (tonumber(redis.call('GET', key)) or 0) < allowed then return 0 end
  return left
end

local refused, free, own, rest = {1}, {}, 0, 0
for i = 1, seats do
  local lock, left = lock_at(KEYS[i])
  if not lock then
    free[#free + 1] = KEYS[i]
    rest = math.max(rest, rest_of(KEYS[seats + i]))
  elseif lock.userId == user then
    own = own + 1
  else
    refused[#refused + 1] = i
    refused[#refused + 1] = left
  end
end
if #refused > 1 then return refused end
if rest > 0 then return { 2, rest } end

local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local value = cjson.encode({ reservationToken = token, userId = user, timestamp = ms, expiresAt = ms + ttl })
for _, key in ipairs(free) do redis.call('SET', key, value, 'PX', ttl) end

-- For held_seats_upper_bound.lua. A server that lost its memory, or was out of reach, knows all again when whatever it missed has ended.
if redis.call('EXISTS', known) == 0 or ARGV[5] == '1' then redis.call('SET', known, string.format('%.0f', ms)) end
if redis.call('EXISTS', mine) == 1 and redis.call('TYPE', mine)['ok'] ~= 'zset' then redis.call('DEL', mine) end
for i = 1, seats do redis.call('ZADD', mine, ms + ttl + 1000, KEYS[i]) end
redis.call('PEXPIRE', mine, ttl + 1000)
return { 0, #free, own }
