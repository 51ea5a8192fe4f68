-- Writes a grant that was made while Redis was away, unless somebody else holds the lock; fences go on above it.
-- Safe to run twice.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)
-- ARGV    [1] lock key  [2] token ('': the lock is free again, only the fence counts)  [3] owner, in words  [4] ttl, ms
--         [5] fence  [6] highest fence of this shelf that Redis gave (0: none)  [7…] tokens that wait for the holder: what
--         they asked before the outage was noticed may have arrived late and been granted; they ask again
-- result  {'adopted', highest fence so far} | {'held', highest fence so far}: by somebody else, who keeps it

local key, token, fence = ARGV[1], ARGV[2], tonumber(ARGV[5])
local now = clock()
noticeLoss(tonumber(ARGV[6]), now)
local highest = redis.call('HGET', KEYS[3], '') or '0'
if fence > tonumber(highest) then
  highest = ARGV[5]
  redis.call('HSET', KEYS[3], '', ARGV[5])
  redis.call('PEXPIRE', KEYS[3], SHELF_MS)
end
local held = redis.call('HMGET', KEYS[1], 'token', 'until')
local isOurs = held[1] == token
for i = 7, #ARGV do isOurs = isOurs or held[1] == ARGV[i] end
if held[1] and tonumber(held[2]) > now and not isOurs then return {'held', highest} end
if token ~= '' then
  local ttl = tonumber(ARGV[4])
  write(key, token, ARGV[3], ttl, ARGV[5], now, now + ttl)
end
return {'adopted', highest}
