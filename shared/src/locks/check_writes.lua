-- Fails on a server that takes no writes: a replica, or one that is full. Leaves nothing.
-- KEYS: any key that nothing else uses.
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('DEL', KEYS[1])
return 1
