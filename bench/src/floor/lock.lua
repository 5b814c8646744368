-- Locks all seats of a basket, or none. The functions' own script also counts hold cycles and
-- checks limits. The floor leaves that out, so that it stays the same when they change.
-- KEYS: the locks. ARGV: reservation token, user, TTL in milliseconds. Returns how many are locked.
for _, key in ipairs(KEYS) do
  local lock = redis.call('GET', key)
  if lock and cjson.decode(lock).userId ~= ARGV[2] then return 0 end
end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local ends = ms + tonumber(ARGV[3])
local lock = { reservationToken = ARGV[1], userId = ARGV[2], timestamp = ms, expiresAt = ends }
local value = cjson.encode(lock)
for _, key in ipairs(KEYS) do redis.call('SET', key, value, 'PX', ARGV[3]) end
return #KEYS
