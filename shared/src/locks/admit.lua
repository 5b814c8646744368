-- Admits a request: tells an app's version, and counts the request against its limits, by the server's own clock.
-- KEYS: for each limit its key; then, if ARGV[1] is not empty, the app's version key; then, if a user is asked about, the
-- key of what is known of the user.
-- ARGV: the version of the app that the caller knows, or ''; 1 to count the request, 0 to look only; then, for each
-- limit, its count and its seconds.
-- Returns {version, what is known of the user, {for each limit: admitted 0/1, remaining, ms until it is whole again, ms
-- until the next}}.
-- Limits are GCRA (a leaky bucket that keeps one time stamp): `count` at once, then one each seconds/count.
-- A limit after one that refused is not counted.
local now = redis.call('TIME')
local ms = now[1] * 1000 + now[2] / 1000
local limits = (#ARGV - 2) / 2
local counts = ARGV[2] == '1'
local version, known_of_user, answer = 0, false, {}

if ARGV[1] ~= '' then
  -- Versions only grow: an older process cannot take back what a newer one has published.
  local key = KEYS[limits + 1]
  local known, stored = tonumber(ARGV[1]), tonumber(redis.call('GET', key) or '') or -1
  if stored < known then
    redis.call('SET', key, ARGV[1], 'EX', 86400)
    stored = known
  end
  version = stored
  local user = KEYS[limits + 2]
  if user and redis.call('TYPE', user)['ok'] == 'string' then known_of_user = redis.call('GET', user) end
end

local refused = false
for i = 1, limits do
  local count, period = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]) * 1000
  local step = period / count
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or '') or ms, ms)
  local next_at = full + step - period
  if refused or next_at > ms then
    answer[#answer + 1] = refused and 1 or 0
    answer[#answer + 1] = math.max(0, math.floor((period - (full - ms)) / step))
    answer[#answer + 1] = math.ceil(full - ms)
    answer[#answer + 1] = math.max(0, math.ceil(next_at - ms))
    refused = true
  else
    if counts then
      full = full + step
      redis.call('SET', KEYS[i], string.format('%.3f', full), 'PX', math.ceil(full - ms) + 1)
    end
    answer[#answer + 1] = 1
    answer[#answer + 1] = math.floor((period - (full - ms)) / step + 0.000001)
    answer[#answer + 1] = math.ceil(full - ms)
    answer[#answer + 1] = 0
  end
end
return { version, known_of_user, answer }
