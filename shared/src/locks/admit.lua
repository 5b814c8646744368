-- Admits a request: returns the newest version of an app, and counts the request against its rate
-- limits by the server's clock.
-- KEYS: one key for each limit; then, if ARGV[1] is not empty, the app's version key; then, if a
-- user is asked about, the key of the user's token cutoff.
-- ARGV: the version of the app that the caller knows, or ''; 1 to count the request, 0 only to
-- check; then, for each limit, its count and its seconds.
-- Returns {version, the token cutoff's text or false, {for each limit: admitted 0/1, remaining,
-- milliseconds until the full quota is available, milliseconds until the next request is
-- admitted}}.
-- Limits are GCRA, a leaky bucket that stores one timestamp: `count` requests at once, then one
-- each seconds/count.
-- Limits after the first that refuses are not counted.
local now = redis.call('TIME')
local ms = now[1] * 1000 + now[2] / 1000
local limits = (#ARGV - 2) / 2
local is_counted = ARGV[2] == '1'
local version, token_cutoff, quotas = 0, false, {}

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
  if user and redis.call('TYPE', user)['ok'] == 'string' then token_cutoff = redis.call('GET', user) end
end

local refused = false
for i = 1, limits do
  local count, period = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]) * 1000
  local step = period / count
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or '') or ms, ms)
  local next_at = full + step - period
  if refused or next_at > ms then
    quotas[#quotas + 1] = refused and 1 or 0
    quotas[#quotas + 1] = math.max(0, math.floor((period - (full - ms)) / step))
    quotas[#quotas + 1] = math.ceil(full - ms)
    quotas[#quotas + 1] = math.max(0, math.ceil(next_at - ms))
    refused = true
  else
    if is_counted then
      full = full + step
      redis.call('SET', KEYS[i], string.format('%.3f', full), 'PX', math.ceil(full - ms) + 1)
    end
    quotas[#quotas + 1] = 1
    quotas[#quotas + 1] = math.floor((period - (full - ms)) / step + 0.000001)
    quotas[#quotas + 1] = math.ceil(full - ms)
    quotas[#quotas + 1] = 0
  end
end
return { version, token_cutoff, quotas }
