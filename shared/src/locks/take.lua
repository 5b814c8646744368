-- Takes the locks of a whole basket, or none.
-- KEYS: the locks. ARGV: reservation token, user, TTL in milliseconds.
-- Returns {0, free keys taken, own keys left in place}, or {1, key, milliseconds left, key, milliseconds left, ...}
-- for the locks of others. The caller's own locks neither refuse nor change: MongoDB decides about those.
local token, user, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])

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

local refused, free, own = {1}, {}, 0
for i, key in ipairs(KEYS) do
  local lock, left = lock_at(key)
  if not lock then
    free[#free + 1] = key
  elseif lock.userId == user then
    own = own + 1
  else
    refused[#refused + 1] = i
    refused[#refused + 1] = left
  end
end
if #refused > 1 then return refused end

local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local value = cjson.encode({ reservationToken = token, userId = user, timestamp = ms, expiresAt = ms + ttl })
for _, key in ipairs(free) do redis.call('SET', key, value, 'PX', ttl) end
return { 0, #free, own }
