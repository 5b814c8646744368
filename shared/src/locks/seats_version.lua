-- An entity's version: another one than before if its seats have changed since (see seats_changed.lua).
-- KEYS: the entity's version.
-- It is written though it is only looked at: a server that takes no writes (a follower, one that is full) counts no change
-- either, and must not say that there was none.
local now = redis.call('TIME')
local version = redis.call('TYPE', KEYS[1])['ok'] == 'string' and redis.call('GET', KEYS[1])
-- What is no number could not be counted up.
if not version or not tonumber(version) then version = now[1] .. string.format('%06d', now[2]) end
redis.call('SET', KEYS[1], version, 'PX', 10000)
return tonumber(version)
