-- Returns an entity's version (see seat_changes.lua). It differs from an earlier one if the seats
-- have changed since. KEYS: the entity's version.
-- This read also writes. A replica or a full server accepts no writes. It counts no change either,
-- so it must not report that nothing changed.
local version = redis.call('TYPE', KEYS[1])['ok'] == 'string' and redis.call('GET', KEYS[1])
-- A value that is no number could not be counted up.
if not version or not tonumber(version) then version = new_version() end
redis.call('SET', KEYS[1], version, 'PX', VERSION_TTL_MS)
return tonumber(version)
