-- How often an entity's seats have changed lately.
-- KEYS: the entity's version.
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then return 0 end
return tonumber(redis.call('GET', KEYS[1])) or 0
