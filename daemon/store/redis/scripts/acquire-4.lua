-- Grants a lock that is free and without waiters, or queues the request.
-- Safe to run twice: the same token gets the same fence, and is queued once.
--
-- KEYS    [1] lock  [2] queue  [3] shelf (see include/lock.lua)  [4] mark of a request that was cancelled
-- ARGV    [1] lock key  [2] token  [3] owner, in words  [4] ttl, ms  [5] how long the request may wait, ms (0: not)
--         [6] channel of the asking daemon  [7] highest fence of this shelf it knows of (0: none)  [8] fences must be above it
-- result  {'granted', fence} | {'queued', position, owner} | {'refused', owner} | {'cancelled'}

local key, token, owner, ttl, wait = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local held = redis.call('HMGET', LOCK, 'token', 'until', 'fence', 'owner', 'last', 'loss', 'cut', 'kept')
local now, micros = clock()

-- A late resend: granting it would leave a lock that no daemon knows of.
local mayBeCut = held[7] and tonumber(held[7]) > now
if held[5] == token or (mayBeCut and redis.call('EXISTS', KEYS[4]) == 1) then return {'cancelled'} end

readShelf(tonumber(ARGV[7]), now)
highest = math.max(highest, tonumber(ARGV[8]))
local live = held[1] and tonumber(held[2]) > now
local quiet = not live and quarantine(held[6], now, ttl) or 0

if live and held[1] == token then
  redis.call('HSET', LOCK, 'until', now + ttl, 'seen', now)
  return {'granted', held[3]}
end

local holder = string.sub(held[4] or '', 1, WORDS)
if quiet > 0 then
  holder = string.format('whoever held it before Redis lost data (for %.0f s at most)', math.ceil(quiet / 1000))
elseif not live then
  local winner, fence = pass(key, now, micros, token, held[8])
  if not winner then
    fence = nextFence(micros)
    write(key, token, owner, ttl, fence, now, now + ttl, held[8])
    winner = token
  end
  if winner == token then return {'granted', fence} end
  holder = string.sub(redis.call('HGET', LOCK, 'owner') or '', 1, WORDS)
end

if wait <= 0 then
  forgetWaiter(token)
  return {'refused', holder}
end

redis.call('HSET', LOCK, 'w:' .. token, string.format('%.0f %.0f %s %s', now + wait, ttl, ARGV[6], owner))
if not redis.call('ZSCORE', QUEUE, token) then
  redis.call('ZADD', QUEUE, redis.call('HINCRBY', LOCK, 'seq', 1), token)
end
keepLock(now)
redis.call('PEXPIRE', QUEUE, FORGOTTEN_MS)
return {'queued', redis.call('ZRANK', QUEUE, token) + 1, holder}
