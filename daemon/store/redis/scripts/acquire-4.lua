-- Grants a lock that is free and that nobody waits for, or queues the request.
-- Safe to run twice: the same token gets the same fence, and is queued once.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)  [4] mark of a request that was cancelled
-- ARGV    [1] lock key  [2] token  [3] owner, in words  [4] ttl, ms  [5] how long the request may wait, ms (0: not)
--         [6] channel of the asking daemon  [7] highest fence of this shelf it knows of (0: none)
-- result  {'granted', fence} | {'queued', position, owner} | {'refused', owner} | {'cancelled'}

local key, token, owner, ttl, wait = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[1], 'token', 'until', 'fence', 'owner', 'last', 'loss')

-- A late resend: granting it would leave a lock that nobody knows of.
if held[5] == token or redis.call('EXISTS', KEYS[4]) == 1 then return {'cancelled'} end

local now, micros = clock()
local live = held[1] and tonumber(held[2]) > now
noticeLoss(tonumber(ARGV[7]), now)
local quiet = not live and quarantine(held[6], now, ttl) or 0

if live and held[1] == token then
  redis.call('HSET', KEYS[1], 'until', now + ttl, 'seen', now)
  return {'granted', held[3]}
end

if quiet > 0 then
  held[4] = string.format('whoever held it before Redis lost its data (for %.0f s at most)', math.ceil(quiet / 1000))
elseif not live then
  local winner, fence = pass(key, now, micros, token)
  if not winner then
    fence = nextFence(micros)
    write(key, token, owner, ttl, fence, now, now + ttl)
    winner = token
  end
  if winner == token then return {'granted', fence} end
  held[4] = redis.call('HGET', KEYS[1], 'owner')
end

if wait <= 0 then
  forgetWaiter(token)
  return {'refused', held[4]}
end

redis.call('HSET', KEYS[1], 'w:' .. token, string.format('%.0f %.0f %s %s', now + wait, ttl, ARGV[6], owner))
if not redis.call('ZSCORE', KEYS[2], token) then
  redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[1], 'seq', 1), token)
end
redis.call('PEXPIRE', KEYS[1], FORGOTTEN_MS)
redis.call('PEXPIRE', KEYS[2], FORGOTTEN_MS)
return {'queued', redis.call('ZRANK', KEYS[2], token) + 1, held[4]}
