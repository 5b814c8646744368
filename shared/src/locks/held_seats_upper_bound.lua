-- Counts a change of an entity's seats (see seats_changed.lua), and says how many seats the caller holds at most.
-- KEYS: the entity's version; the seats that the caller has taken lately and since when all that is taken is known here
-- (see take.lua). ARGV: the TTL of a lock in milliseconds.
-- Returns how many seats the caller has taken within a TTL and a second: never fewer than are held; -1 where that is not
-- known, since this server was new, or out of somebody's reach, within a TTL.
local now = redis.call('TIME')
if redis.call('TYPE', KEYS[1])['ok'] ~= 'string' then redis.call('SET', KEYS[1], now[1] .. string.format('%06d', now[2])) end
if type(redis.pcall('INCR', KEYS[1])) == 'number' then redis.call('PEXPIRE', KEYS[1], 10000) end
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local since = redis.pcall('GET', KEYS[3])
since = type(since) == 'string' and tonumber(since)
if not since or ms - since <= tonumber(ARGV[1]) or redis.call('TYPE', KEYS[2])['ok'] ~= 'zset' then return -1 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ms)
return redis.call('ZCARD', KEYS[2])
