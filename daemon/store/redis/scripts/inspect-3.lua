-- One lock for people who look. A lock that expired unnoticed and has no waiters is taken off the shelf.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)
-- ARGV    [1] lock key
-- result  {'held', owner, fence, held for ms, expires in ms, live waiters, silent for ms} | {'free'}

local held = redis.call('HMGET', LOCK, 'token', 'until', 'owner', 'fence', 'since', 'seen')
local now = clock()
local waiters = 0
for _, token in ipairs(redis.call('ZRANGE', QUEUE, 0, -1)) do
  local deadline = string.match(redis.call('HGET', LOCK, 'w:' .. token) or '', '^%d+')
  if deadline and tonumber(deadline) > now then waiters = waiters + 1 end
end
if held[1] and tonumber(held[2]) > now then
  return {'held', string.sub(held[3] or '', 1, WORDS), held[4], now - tonumber(held[5]), tonumber(held[2]) - now, waiters, now - tonumber(held[6] or held[5])}
end
if waiters == 0 then redis.call('HDEL', SHELF, ARGV[1]) end
return {'free'}
