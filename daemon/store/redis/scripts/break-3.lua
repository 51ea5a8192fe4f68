-- Takes a lock from the owner that holds it with exactly this fence, and grants it to the first live waiter in the same step.
-- Safe to run twice: the fence of what was broken never comes again.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)
-- ARGV    [1] lock key  [2] fence
-- result  {'broken'} | {'gone'}: it isn't held with that fence (any more)

local held = redis.call('HMGET', LOCK, 'token', 'until', 'fence', 'loss', 'kept')
local now, micros = clock()
if not held[1] or held[3] ~= ARGV[2] or tonumber(held[2]) <= now then return {'gone'} end
readShelf(0, now)
letGo(ARGV[1], held[1], now, micros, held[4], held[5], false)
return {'broken'}
