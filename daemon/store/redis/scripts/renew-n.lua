-- Extends all locks of one hash tag that their token still owns: one command per heartbeat, however many they are.
-- A lock that has expired is lost even if nobody took it: its holder may have been told so.
--
-- KEYS    [1] shelf (see include/lock.lua)  [2…] locks
-- ARGV    for each lock: token, ttl in ms
-- result  {'renewed', 1 or 0 for each lock…}; 0: lost

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local reply = {'renewed'}
for i = 2, #KEYS do
  local token, ttl = ARGV[2 * i - 3], tonumber(ARGV[2 * i - 2])
  local held = redis.call('HMGET', KEYS[i], 'token', 'until')
  if held[1] == token and tonumber(held[2]) > now then
    redis.call('HSET', KEYS[i], 'until', now + ttl)
    redis.call('PEXPIRE', KEYS[i], 86400000)
    reply[i] = 1
  else
    reply[i] = 0
  end
end
redis.call('PEXPIRE', KEYS[1], 30 * 86400000)
return reply
