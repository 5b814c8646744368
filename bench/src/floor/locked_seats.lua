-- Which of many seats are locked.
-- KEYS: the locks. Returns {index, milliseconds left, value, ...} for those that are.
local found = {}
for i, value in ipairs(redis.call('MGET', unpack(KEYS))) do
  if value then
    found[#found + 1] = i
    found[#found + 1] = redis.call('PTTL', KEYS[i])
    found[#found + 1] = value
  end
end
return found
