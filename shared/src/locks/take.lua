-- Takes all locks of a basket, or none. If there are several baskets of equal size, takes the locks
-- of the first basket that nobody else has locked.
-- KEYS: the locks; the caller's cycle counters of the same seats (see release.lua); the caller's
-- recently locked seats, scored by when their locks end; the time in milliseconds since when this
-- server has seen every lock.
-- ARGV: reservation token; user; TTL in milliseconds; the cycles that a user may have on a seat; 1
-- if holds were made that this server has not seen; the longest TTL that any lock may have, in
-- milliseconds; the seats of each basket, if there are several.
-- Returns one of
--   {0, locks taken, locks of the caller that stay in place, index of the basket},
--   {1, index of a seat, milliseconds left, ...} for each lock of another user,
--   {2, milliseconds} until the caller may take one of these seats again.
-- The caller's own locks neither refuse the basket nor change: MongoDB decides about them. With
-- several baskets, one result replaces the last two:
--   {3, index of a seat, milliseconds left, 1 if only the caller has to leave the seat, ...}
local token, user, ttl, max_cycles = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local max_ttl = tonumber(ARGV[6])
local seats = (#KEYS - 2) / 2
local is_choice = ARGV[7] ~= nil
local size = tonumber(ARGV[7]) or seats
local recent, known_since = KEYS[#KEYS - 1], KEYS[#KEYS]

-- The lock under a key, or nil. A key that no script here could have written (another type, no TTL,
-- too long a TTL, no JSON) counts as absent and is overwritten: it must not keep a seat from being
-- sold for ever.
local function lock_at(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return nil end
  local left = redis.call('PTTL', key)
  if left < 0 or left > max_ttl then return nil end
  local ok, lock = pcall(cjson.decode, redis.call('GET', key))
  if not ok or type(lock) ~= 'table' or type(lock.userId) ~= 'string' then return nil end
  return lock, left
end

-- For how many milliseconds the caller has to leave a seat to others, by its cycle counter.
local function cooldown_of(key)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return 0 end
  local left = redis.call('PTTL', key)
  if left < 0 or left > max_ttl or (tonumber(redis.call('GET', key)) or 0) < max_cycles then return 0 end
  return left
end

local taken, free, own
local unfree = {3}
for first = 1, seats, size do
  local refused, cooldown = {1}, 0
  free, own = {}, 0
  for i = first, first + size - 1 do
    local lock, left = lock_at(KEYS[i])
    if not lock then
      local rest = cooldown_of(KEYS[seats + i])
      if rest > 0 then for _, value in ipairs({ i, rest, 1 }) do unfree[#unfree + 1] = value end end
      free[#free + 1] = KEYS[i]
      cooldown = math.max(cooldown, rest)
    elseif lock.userId == user then
      own = own + 1
    else
      for _, value in ipairs({ i, left, 0 }) do unfree[#unfree + 1] = value end
      refused[#refused + 1] = i
      refused[#refused + 1] = left
    end
  end
  if not is_choice then
    if #refused > 1 then return refused end
    if cooldown > 0 then return { 2, cooldown } end
    taken = first
  elseif #refused == 1 and cooldown == 0 then
    taken = first
    break
  end
end
if not taken then return unfree end

local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local value = cjson.encode({ reservationToken = token, userId = user, timestamp = ms, expiresAt = ms + ttl })
for _, key in ipairs(free) do redis.call('SET', key, value, 'PX', ttl) end

-- For held_seats_upper_bound.lua. A server that lost its memory or missed holds starts again: it
-- has seen every lock once the locks it missed have ended. So does one that lost what it knew of a
-- user who holds seats.
local forgot = own > 0 and redis.call('EXISTS', recent) == 0
if redis.call('EXISTS', known_since) == 0 or ARGV[5] == '1' or forgot then
  redis.call('SET', known_since, string.format('%.0f', ms))
end
if redis.call('EXISTS', recent) == 1 and redis.call('TYPE', recent)['ok'] ~= 'zset' then redis.call('DEL', recent) end
for i = taken, taken + size - 1 do redis.call('ZADD', recent, ms + ttl + 1000, KEYS[i]) end
-- A shorter lock must not make the server forget a longer one.
if redis.call('PTTL', recent) < ttl + 1000 then redis.call('PEXPIRE', recent, ttl + 1000) end
return { 0, #free, own, (taken - 1) / size + 1 }
