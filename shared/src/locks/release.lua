-- Compare and delete: deletes only the locks that carry the token, so a late call cannot delete
-- somebody else's lock.
-- KEYS: the locks; then, if this ends a hold cycle, the user's cycle counters of the same seats;
-- then, if the entity is known, the entity's version (see seat_changes.lua).
-- ARGV: reservation token; number of seats; then, if this ends a hold cycle, the TTL of a lock in
-- milliseconds and the cycles that a user may have on a seat.
-- Returns how many locks were deleted.
--
-- A hold cycle is a lock that was taken and given back without a sale. The counter expires one TTL
-- after the first cycle, and one TTL after the last allowed cycle. So a user who takes and returns
-- a seat over and over has to leave it to others for a while.
local seats, ends_cycle = tonumber(ARGV[2]), ARGV[3] ~= nil
local deleted = 0
for i = 1, seats do
  local key = KEYS[i]
  if redis.call('TYPE', key)['ok'] == 'string' then
    local ok, lock = pcall(cjson.decode, redis.call('GET', key))
    if ok and type(lock) == 'table' and lock.reservationToken == ARGV[1] then
      deleted = deleted + redis.call('DEL', key)
      if ends_cycle then
        local cycles = redis.pcall('INCR', KEYS[seats + i])
        if type(cycles) == 'number' and (cycles == 1 or cycles == tonumber(ARGV[4])) then
          redis.call('PEXPIRE', KEYS[seats + i], ARGV[3])
        end
      end
    end
  end
end
local version = KEYS[seats * (ends_cycle and 2 or 1) + 1]
if version then count_seat_change(version) end
return deleted
