-- Shared by the scripts that count a change of an entity's seats. Rust puts this text in front of
-- them.
--
-- An entity has a version in Redis. A cached page of seats is served only while the version is
-- unchanged.
-- A version expires ten seconds after its last use. By then no page is left that was read before it
-- (see booking/page_cache.rs). A new one starts with the time in microseconds, so a server that
-- lost its memory never repeats a version.
local VERSION_TTL_MS = 10000

local function new_version()
  local now = redis.call('TIME')
  return now[1] .. string.format('%06d', now[2])
end

-- Returns the new version. Returns an error where the key holds something that cannot be counted.
local function count_seat_change(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then redis.call('SET', key, new_version()) end
  local version = redis.pcall('INCR', key)
  if type(version) == 'number' then redis.call('PEXPIRE', key, VERSION_TTL_MS) end
  return version
end
