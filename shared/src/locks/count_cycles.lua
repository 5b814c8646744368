-- Counts hold cycles on seats that were kept for a payment and not paid (see release.lua). They
-- last longer than others, so their count lasts longer too.
-- KEYS: the user's cycle counters. ARGV: for how long the count lasts, in milliseconds; the cycles
-- that a user may have on a seat; for how long the user has to rest after the last one.
for i = 1, #KEYS do
  local cycles = redis.pcall('INCR', KEYS[i])
  if type(cycles) == 'number' then
    redis.call('PEXPIRE', KEYS[i], cycles >= tonumber(ARGV[2]) and ARGV[3] or ARGV[1])
  end
end
return 1
