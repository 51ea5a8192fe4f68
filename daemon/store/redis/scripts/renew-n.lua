-- Extends all locks of one hash tag that their token still owns: one command per heartbeat, however many they are.
-- A lock that has expired is lost even if it wasn't taken: its holder may have been told so. Where data was lost, and
-- no owner is known to have had the lock since, the grant with the highest fence is written again.
--
-- KEYS    [1] shelf (see include/lock.lua)  [2…] locks
-- ARGV    for each lock: key, token, ttl in ms, fence (0: don't write it again), owner in words
-- result  {'renewed', a number for each lock…}; 0: lost, 1: extended, 2: written again

SHELF = KEYS[1]
local now = clock()
local known = 0
for i = 4, #ARGV, 5 do known = math.max(known, tonumber(ARGV[i])) end
readShelf(known, now)

local reply = {'renewed'}
for i = 2, #KEYS do
  LOCK = KEYS[i]
  local at = 5 * (i - 2)
  local key, token, ttl, fence, owner = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4], ARGV[at + 5]
  local held = redis.call('HMGET', LOCK, 'token', 'until', 'last', 'loss', 'fence')
  local owns = held[1] == token and tonumber(held[2]) > now
  local isNewest = tonumber(fence) > 0 and tonumber(fence) >= tonumber(held[5] or '0')
  local vanished = not owns and quarantine(held[4], now, ttl) > 0 and held[3] ~= token and isNewest
  if vanished then
    redis.call('HSET', LOCK, 'token', token, 'owner', owner, 'fence', fence, 'since', now, 'ttl', ttl)
    redis.call('HSET', SHELF, key, 1)
  end
  if vanished or owns then
    redis.call('HSET', LOCK, 'until', now + ttl, 'seen', now, 'loss', loss)
    keepLock(now)
    reply[i] = vanished and 2 or 1
  else
    reply[i] = 0
  end
end
redis.call('PEXPIRE', SHELF, SHELF_MS)
return reply
