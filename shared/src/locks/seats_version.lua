-- An entity's version: another one than before if its seats have changed since (see seats_changed.lua).
-- KEYS: the entity's version.
local now = redis.call('TIME')
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then
  redis.call('SET', KEYS[1], now[1] .. string.format('%06d', now[2]), 'PX', 10000)
end
return tonumber(redis.call('GET', KEYS[1])) or 0
