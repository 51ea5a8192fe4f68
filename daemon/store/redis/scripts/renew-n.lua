-- Extends all locks of one hash tag that their token still owns: one command per heartbeat, however many they are.
-- A lock that has expired is lost even if nobody took it: its holder may have been told so. Where the data was lost, and
-- nobody had the lock since, the grant with the highest fence is written again.
--
-- KEYS    [1] shelf (see include/lock.lua)  [2…] locks
-- ARGV    for each lock: key, token, ttl in ms, fence (0: don't write it again), owner in words
-- result  {'renewed', a number for each lock…}; 0: lost, 1: extended, 2: written again

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local shelf = redis.call('HMGET', KEYS[1], '', '?')
local highest, loss = tonumber(shelf[1] or '0'), shelf[2] or '0'
local known = highest
for i = 4, #ARGV, 5 do known = math.max(known, tonumber(ARGV[i])) end
if known > highest then
  loss = string.format('%.0f', now)
  redis.call('HSET', KEYS[1], '', string.format('%.0f', known), '?', loss)
end

local reply = {'renewed'}
for i = 2, #KEYS do
  local at = 5 * (i - 2)
  local key, token, ttl, fence, owner = ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), ARGV[at + 4], ARGV[at + 5]
  local held = redis.call('HMGET', KEYS[i], 'token', 'until', 'last', 'loss', 'fence')
  local unknown = loss ~= '0' and held[4] ~= loss and now < tonumber(loss) + ttl
  local vanished = unknown and held[3] ~= token and tonumber(fence) > tonumber(held[5] or '0')
  if vanished then
    redis.call('HSET', KEYS[i], 'token', token, 'owner', owner, 'fence', fence, 'since', now, 'ttl', ttl, 'loss', loss)
    redis.call('HSET', KEYS[1], key, 1)
  end
  if vanished or (held[1] == token and tonumber(held[2]) > now) then
    redis.call('HSET', KEYS[i], 'until', now + ttl, 'seen', now)
    redis.call('PEXPIRE', KEYS[i], 86400000)
    reply[i] = vanished and 2 or 1
  else
    reply[i] = 0
  end
end
redis.call('PEXPIRE', KEYS[1], 30 * 86400000)
return reply
