-- Releases a lock by exact comparison of the token, and grants it to the first live waiter in the same step.
-- Safe to run twice: the token released last is remembered.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)
-- ARGV    [1] lock key  [2] token  [3] 1: this may have been done before, on a Redis that is no more
-- result  {'released'} | {'lost'}: the token doesn't own the lock (any more)

local key, token = ARGV[1], ARGV[2]
local held = redis.call('HMGET', LOCK, 'token', 'until', 'last', 'loss', 'kept')
if held[1] ~= token then
  if held[3] == token then return {'released'} end
  return {'lost'}
end
local now, micros = clock()
readShelf(0, now)
letGo(key, token, now, micros, held[4], held[5], ARGV[3] ~= '1')
if tonumber(held[2]) > now then return {'released'} end
return {'lost'}
