-- Counts a new hold as a change of its entity's seats (see seat_changes.lua), and returns an upper
-- bound of the seats that the caller holds.
-- KEYS: the entity's version; the caller's recently locked seats; the time since when this server
-- has seen every lock (both written by take.lua).
-- ARGV: the longest TTL that a lock may have, in milliseconds.
-- Returns how many seats the caller has locked whose locks have not ended for a second. The caller
-- never holds more.
-- Returns -1 where this is unknown: within that time the server was new, or a lock was taken
-- without it.
count_seat_change(KEYS[1])
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local since = redis.pcall('GET', KEYS[3])
since = type(since) == 'string' and tonumber(since)
if not since or ms - since <= tonumber(ARGV[1]) or redis.call('TYPE', KEYS[2])['ok'] ~= 'zset' then return -1 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ms)
return redis.call('ZCARD', KEYS[2])
