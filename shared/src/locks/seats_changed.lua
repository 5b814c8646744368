-- Counts a change of an entity's seats.
-- KEYS: the entity's version.
-- Forgotten ten seconds after the last change, when no page is left that was read before it (see booking/pages.rs).
local version = redis.pcall('INCR', KEYS[1])
if type(version) ~= 'number' then
  redis.call('SET', KEYS[1], 1)
  version = 1
end
redis.call('PEXPIRE', KEYS[1], 10000)
return version
