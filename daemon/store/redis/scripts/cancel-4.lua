-- Gives up a request wherever it stands: waiting, granted, or not even arrived.
-- Safe to run twice. The mark makes a late resend of the request come to nothing.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)  [4] mark of a request that was cancelled
-- ARGV    [1] lock key  [2] token  [3] how long the mark is kept, ms
-- result  {'done'}

local key, token = ARGV[1], ARGV[2]
local now, micros = clock()
redis.call('SET', KEYS[4], '1', 'PX', ARGV[3])
redis.call('HSET', LOCK, 'cut', now + tonumber(ARGV[3]))
keepLock(now)
forgetWaiter(token)
local held = redis.call('HMGET', LOCK, 'token', 'loss', 'kept')
if held[1] == token then
  readShelf(0, now)
  letGo(key, token, now, micros, held[2], held[3], false)
end
return {'done'}
