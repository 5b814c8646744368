-- Sets a key to a text, with a TTL.
-- KEYS: the key. ARGV: the text, milliseconds.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
