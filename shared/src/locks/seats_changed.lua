-- Counts a change of an entity's seats.
-- KEYS: the entity's version.
-- It is forgotten ten seconds after the last change or look, when no page is left that was read before it (see
-- booking/pages.rs), and begins anew with the time in microseconds: a server that lost its memory repeats no version.
local now = redis.call('TIME')
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then redis.call('SET', KEYS[1], now[1] .. string.format('%06d', now[2])) end
local version = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 10000)
return version
