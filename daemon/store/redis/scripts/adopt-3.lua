-- Writes a grant that was made while Redis was away, unless another owner holds the lock; fences go on above it.
-- Safe to run twice.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)
-- ARGV    [1] lock key  [2] token ('': the lock is free again, only the fence counts)  [3] owner, in words  [4] ttl, ms
--         [5] fence  [6] highest fence of this shelf that Redis gave (0: none)  [7…] tokens that wait for the holder: what
--         they asked before the outage was noticed may have arrived late and been granted; they ask again
-- result  {'adopted', highest fence so far} | {'held', highest fence so far}: by another owner, who keeps it

local key, token, fence = ARGV[1], ARGV[2], tonumber(ARGV[5])
local now = clock()
readShelf(tonumber(ARGV[6]), now)
if fence > highest then
  highest = fence
  redis.call('HSET', SHELF, '', ARGV[5])
end
local held = redis.call('HMGET', LOCK, 'token', 'until', 'kept')
local isOurs = held[1] == token
for i = 7, #ARGV do isOurs = isOurs or held[1] == ARGV[i] end
if held[1] and tonumber(held[2]) > now and not isOurs then return {'held', whole(highest)} end
if token ~= '' then
  local ttl = tonumber(ARGV[4])
  write(key, token, ARGV[3], ttl, ARGV[5], now, now + ttl, held[3])
end
return {'adopted', whole(highest)}
