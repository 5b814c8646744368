-- Which of many seats are locked: one MGET, and a PTTL for each that is.
-- KEYS: the locks. ARGV: the longest TTL a lock may have, in milliseconds.
-- Returns {index, milliseconds left, value, ...} for those that are; what is no lock of ours is passed over.
local found = {}
for i, value in ipairs(redis.call('MGET', unpack(KEYS))) do
  if value then
    local left = redis.call('PTTL', KEYS[i])
    if left >= 0 and left <= tonumber(ARGV[1]) then
      found[#found + 1] = i
      found[#found + 1] = left
      found[#found + 1] = value
    end
  end
end
return found
