-- Compare and delete: only the locks that carry the token go, so that a late call cannot delete what another holds.
-- KEYS: the locks; then, where this ends a turn, the user's turns on the same seats; then, where the seats' entity is
-- known, its version (see seats_changed.lua).
-- ARGV: reservation token, how many seats; then, where this ends a turn, the TTL of a lock in milliseconds and how many
-- turns a seat may have.
-- Returns how many went.
--
-- A turn is a lock that was taken and given back without a sale. Turns are forgotten a TTL after the first; but a TTL
-- after the last that is allowed, so that whoever takes and returns a seat over and over leaves it to others for a while.
local seats, ends_turn = tonumber(ARGV[2]), ARGV[3] ~= nil
local gone = 0
for i = 1, seats do
  local key = KEYS[i]
  if redis.call('TYPE', key)['ok'] == 'string' then
    local ok, lock = pcall(cjson.decode, redis.call('GET', key))
    if ok and type(lock) == 'table' and lock.reservationToken == ARGV[1] then
      gone = gone + redis.call('DEL', key)
      if ends_turn then
        local turns = redis.pcall('INCR', KEYS[seats + i])
        if type(turns) == 'number' and (turns == 1 or turns == tonumber(ARGV[4])) then
          redis.call('PEXPIRE', KEYS[seats + i], ARGV[3])
        end
      end
    end
  end
end
local version = KEYS[seats * (ends_turn and 2 or 1) + 1]
if version then
  local now = redis.call('TIME')
  if redis.call('TYPE', version)['ok'] ~= 'string' then redis.call('SET', version, now[1] .. string.format('%06d', now[2])) end
  if type(redis.pcall('INCR', version)) == 'number' then redis.call('PEXPIRE', version, 10000) end
end
return gone
