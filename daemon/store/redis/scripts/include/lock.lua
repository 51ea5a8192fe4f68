-- What the lock scripts share; scripts.ts puts it in front of each of them.
--
-- KEYS[1] lock   hash: token owner fence since until ttl seen (of the holder; seen: granted or renewed), last (token released last), loss (the
--                loss of data, see KEYS[3], after which holder or last release are known; 0: none), seq (counter of
--                the queue), and for each waiter w:<token> = "<deadline> <ttl> <channel> <owner>". Times in ms.
-- KEYS[2] queue  sorted set of waiting tokens by their place
-- KEYS[3] shelf  hash of all locks with this hash tag: "" = highest fence given, "?" = when it was noticed that the data
--                had been lost, <lock key> = 1 while held
--
-- Expiry is the field `until`, compared with Redis' own clock; the expiry of the Redis keys only clears what was
-- forgotten. CLAIM_MS, how long a pushed grant lives unclaimed, is set by scripts.ts (`claimWindowMs` of the contract).

local FORGOTTEN_MS = 86400000
local SHELF_MS = 30 * 86400000
local FREE_MS = 60000

-- Now, in milliseconds and in microseconds.
local function clock()
  local time = redis.call('TIME')
  local seconds, micros = tonumber(time[1]), tonumber(time[2])
  return seconds * 1000 + math.floor(micros / 1000), seconds * 1000000 + micros
end

-- The next fence, as text: above every earlier one, also after the data was lost. '..' and tostring() would round it.
local function nextFence(micros)
  local highest = tonumber(redis.call('HGET', KEYS[3], '') or '0')
  local fence = string.format('%.0f', math.max(highest + 1, micros))
  redis.call('HSET', KEYS[3], '', fence)
  return fence
end

-- When a loss of the data was noticed last, as text; '0' if never. A script that grants or frees calls one of the two.
local loss = '0'
local function readLoss()
  loss = redis.call('HGET', KEYS[3], '?') or '0'
end

-- Notes a loss of the data: somebody knows of a fence that the shelf doesn't (an empty restart, a lagging replica).
local function noticeLoss(known, now)
  local shelf = redis.call('HMGET', KEYS[3], '', '?')
  loss = shelf[2] or '0'
  if known <= tonumber(shelf[1] or '0') then return end
  loss = string.format('%.0f', now)
  redis.call('HSET', KEYS[3], '', string.format('%.0f', known), '?', loss)
  redis.call('PEXPIRE', KEYS[3], SHELF_MS)
end

-- How long, in ms, a free lock is kept from everybody: what is known of it is older than the loss, so an owner that
-- nothing is known of may live.
local function quarantine(lossOfLock, now, ttl)
  if loss == '0' or lossOfLock == loss then return 0 end
  return math.max(0, tonumber(loss) + ttl - now)
end

local function write(key, token, owner, ttl, fence, now, untilMs)
  redis.call('HSET', KEYS[1], 'token', token, 'owner', owner, 'fence', fence, 'since', now, 'seen', now, 'until', untilMs,
    'ttl', ttl, 'loss', loss)
  redis.call('HSET', KEYS[3], key, 1)
  redis.call('PEXPIRE', KEYS[1], FORGOTTEN_MS)
  redis.call('PEXPIRE', KEYS[3], SHELF_MS)
end

local function forgetWaiter(token)
  redis.call('ZREM', KEYS[2], token)
  redis.call('HDEL', KEYS[1], 'w:' .. token)
end

-- Hands a free lock to the first waiter that lives: one whose deadline hasn't passed and whose daemon hears the push,
-- or the one that is asking right now. Returns its token and fence, or nil when nobody waits.
local function pass(key, now, micros, asking)
  while true do
    local token = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not token then return nil end
    local waiter = redis.call('HGET', KEYS[1], 'w:' .. token) or ''
    forgetWaiter(token)
    local deadline, ttl, channel, owner = string.match(waiter, '^(%d+) (%d+) (%S+) (.*)$')
    if deadline and token == asking then
      local fence = nextFence(micros)
      write(key, token, owner, ttl, fence, now, now + tonumber(ttl))
      return token, fence
    end
    if deadline and tonumber(deadline) > now then
      local fence = nextFence(micros)
      if redis.call('PUBLISH', channel, fence .. ' ' .. token .. ' ' .. key) > 0 then
        write(key, token, owner, ttl, fence, now, now + math.min(tonumber(ttl), CLAIM_MS))
        return token, fence
      end
    end
  end
end

-- Ends the holder's grant and passes the lock on, or leaves it free.
local function letGo(key, token, now, micros)
  readLoss()
  redis.call('HDEL', KEYS[1], 'token', 'owner', 'fence', 'since', 'seen', 'until', 'ttl')
  redis.call('HSET', KEYS[1], 'last', token, 'loss', loss)
  if not pass(key, now, micros, nil) then
    redis.call('HDEL', KEYS[3], key)
    redis.call('PEXPIRE', KEYS[1], FREE_MS)
  end
end

