-- What was kept under a key, if it is text.
-- KEYS: the key.
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then return false end
return redis.call('GET', KEYS[1])
