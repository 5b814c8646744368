-- Returns the text under a key, or false if there is none or the key holds another type.
-- KEYS: the key.
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then return false end
return redis.call('GET', KEYS[1])
