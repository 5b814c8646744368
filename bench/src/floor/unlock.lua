-- Deletes the locks that belong to a reservation.
-- KEYS: the locks. ARGV: reservation token. Returns how many were deleted.
local gone = 0
for _, key in ipairs(KEYS) do
  local lock = redis.call('GET', key)
  if lock and cjson.decode(lock).reservationToken == ARGV[1] then
    gone = gone + redis.call('DEL', key)
  end
end
return gone
