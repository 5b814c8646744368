-- Makes the locks of a basket those of a hold that MongoDB has: where nothing stands, or the caller's own lock.
-- KEYS: the locks. ARGV: reservation token, user, milliseconds left of the hold.
local token, user, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local value = cjson.encode({ reservationToken = token, userId = user, timestamp = ms, expiresAt = ms + ttl })
for _, key in ipairs(KEYS) do
  local others = false
  if redis.call('TYPE', key)['ok'] == 'string' and redis.call('PTTL', key) >= 0 then
    local ok, lock = pcall(cjson.decode, redis.call('GET', key))
    others = ok and type(lock) == 'table' and type(lock.userId) == 'string' and lock.userId ~= user
  end
  if not others then redis.call('SET', key, value, 'PX', ttl) end
end
return 1
