-- Finds which of many seats are locked: one MGET, and one PTTL for each lock.
-- KEYS: the locks. ARGV: the longest TTL that a lock may have, in milliseconds.
-- Returns {index, milliseconds left, value, ...} for each lock. A key that no script here could
-- have written is ignored.
local locks = {}
for i, value in ipairs(redis.call('MGET', unpack(KEYS))) do
  if value then
    local left = redis.call('PTTL', KEYS[i])
    if left >= 0 and left <= tonumber(ARGV[1]) then
      locks[#locks + 1] = i
      locks[#locks + 1] = left
      locks[#locks + 1] = value
    end
  end
end
return locks
