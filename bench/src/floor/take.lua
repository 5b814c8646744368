-- The bare lock of a basket: all seats or none. What the functions' own script keeps beside it (turns, limits, what is no
-- lock) is left out, so that the floor stays where it is whatever becomes of that.
-- KEYS: the locks. ARGV: reservation token, user, TTL in milliseconds. Returns how many were taken.
for _, key in ipairs(KEYS) do
  local lock = redis.call('GET', key)
  if lock and cjson.decode(lock).userId ~= ARGV[2] then return 0 end
end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local lock = { reservationToken = ARGV[1], userId = ARGV[2], timestamp = ms, expiresAt = ms + tonumber(ARGV[3]) }
local value = cjson.encode(lock)
for _, key in ipairs(KEYS) do redis.call('SET', key, value, 'PX', ARGV[3]) end
return #KEYS
