-- Sets the locks of a basket for a hold that MongoDB has. Leaves locks of other users alone.
-- KEYS: the locks. ARGV: reservation token, user, milliseconds that are left of the hold.
local token, user, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local value = cjson.encode({ reservationToken = token, userId = user, timestamp = ms, expiresAt = ms + ttl })
for _, key in ipairs(KEYS) do
  local is_others = false
  if redis.call('TYPE', key)['ok'] == 'string' and redis.call('PTTL', key) >= 0 then
    local ok, lock = pcall(cjson.decode, redis.call('GET', key))
    is_others = ok and type(lock) == 'table' and type(lock.userId) == 'string' and lock.userId ~= user
  end
  if not is_others then redis.call('SET', key, value, 'PX', ttl) end
end
return 1
