-- Compare and delete: only the locks that carry the token go, so that a late call cannot delete what another holds.
-- KEYS: the locks. ARGV: reservation token. Returns how many went.
local gone = 0
for _, key in ipairs(KEYS) do
  if redis.call('TYPE', key)['ok'] == 'string' then
    local ok, lock = pcall(cjson.decode, redis.call('GET', key))
    if ok and type(lock) == 'table' and lock.reservationToken == ARGV[1] then
      gone = gone + redis.call('DEL', key)
    end
  end
end
return gone
