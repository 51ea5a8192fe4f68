-- What the lock scripts share; scripts.ts puts it in front of each of them.
--
-- LOCK   hash: token owner fence since until ttl seen (of the holder; seen: granted or renewed), last (token released last), loss (the
--        loss of data, see SHELF, after which holder or last release are known; 0: none), seq (counter of the queue),
--        cut (until when marks of cancelled requests may exist), kept (when the key's expiry was set), and for each
--        waiter w:<token> = "<deadline> <ttl> <channel> <owner>". Times in ms. Free: no token; the rest may be old.
-- QUEUE  sorted set of waiting tokens by their place
-- SHELF  hash of all locks with this hash tag: "" = highest fence given, "?" = when it was noticed that data had been
--        lost, "@" = replication id of the Redis that was used last, "!" = when the key's expiry was set, <lock key> = 1
--        while held
--
-- Expiry is the field `until`, compared with Redis' own clock; the expiry of the Redis keys only clears what was
-- forgotten. CLAIM_MS, how long a pushed grant lives unclaimed, is set by scripts.ts (`claimWindowMs` of the contract).

local LOCK, QUEUE, SHELF = KEYS[1], KEYS[2], KEYS[3]
local FORGOTTEN_MS = 86400000
local SHELF_MS = 30 * 86400000
-- What is answered of an owner's words at most, in bytes.
local WORDS = 512

-- Now, in milliseconds and in microseconds.
local function clock()
  local time = redis.call('TIME')
  local seconds, micros = tonumber(time[1]), tonumber(time[2])
  return seconds * 1000 + math.floor(micros / 1000), seconds * 1000000 + micros
end

-- '..' and tostring() would round it.
local function whole(number)
  return string.format('%.0f', number)
end

-- Of the shelf: the highest fence, when a loss of data was noticed last ('0': never), when its expiry was set.
local highest, loss, shelfKept = 0, '0', 0

-- Reads the shelf, and notices a loss of data: the caller knows of a fence that it doesn't (an empty restart), or this is
-- not the Redis that was used last: another took over or it was started again, and either may lack the last writes. The
-- replication id changes with both (https://redis.io/docs/latest/operate/oss_and_stack/management/replication/).
local function readShelf(known, now)
  local found = redis.call('HMGET', SHELF, '', '?', '@', '!')
  highest, loss, shelfKept = tonumber(found[1] or '0'), found[2] or '0', tonumber(found[4] or '0')
  local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  if known > highest or (found[3] and found[3] ~= id) then
    highest, loss = math.max(known, highest), whole(now)
    redis.call('HSET', SHELF, '', whole(highest), '?', loss, '@', id)
  elseif not found[3] then
    redis.call('HSET', SHELF, '@', id)
  end
end

-- How long, in ms, a free lock is kept from all: what is known of it is older than the loss, so an owner that
-- nothing is known of may live.
local function quarantine(lossOfLock, now, ttl)
  if loss == '0' or lossOfLock == loss then return 0 end
  return math.max(0, tonumber(loss) + ttl - now)
end

-- The next fence, as text: above every earlier one, also after the data was lost.
local function nextFence(micros)
  highest = math.max(highest + 1, micros)
  return whole(highest)
end

local function keepLock(now)
  redis.call('HSET', LOCK, 'kept', now)
  redis.call('PEXPIRE', LOCK, FORGOTTEN_MS)
end

-- Writes a grant. The keys' expiry is set now and then only: it is far off.
local function write(key, token, owner, ttl, fence, now, untilMs, lockKept)
  redis.call('HSET', LOCK, 'token', token, 'owner', owner, 'fence', fence, 'since', now, 'seen', now, 'until', untilMs,
    'ttl', ttl, 'loss', loss)
  redis.call('HSET', SHELF, '', whole(highest), key, 1)
  if now - tonumber(lockKept or '0') > FORGOTTEN_MS / 2 then keepLock(now) end
  if now - shelfKept > SHELF_MS / 2 then
    redis.call('HSET', SHELF, '!', now)
    redis.call('PEXPIRE', SHELF, SHELF_MS)
  end
end

local function forgetWaiter(token)
  redis.call('ZREM', QUEUE, token)
  redis.call('HDEL', LOCK, 'w:' .. token)
end

-- Names the process that runs the script. A push is also heard through replicas and other nodes of a Cluster, though
-- PUBLISH counts only who listens here: a waiter believes those that come from the server it listens to.
local function server()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- Hands a free lock to the first waiter that lives: one whose deadline hasn't passed and whose daemon hears the push,
-- or the one that is asking right now. Returns its token and fence, or nil without a waiter.
local function pass(key, now, micros, asking, lockKept)
  while true do
    local token = redis.call('ZRANGE', QUEUE, 0, 0)[1]
    if not token then return nil end
    local waiter = redis.call('HGET', LOCK, 'w:' .. token) or ''
    forgetWaiter(token)
    local deadline, ttl, channel, owner = string.match(waiter, '^(%d+) (%d+) (%S+) (.*)$')
    if deadline and token == asking then
      local fence = nextFence(micros)
      write(key, token, owner, ttl, fence, now, now + tonumber(ttl), lockKept)
      return token, fence
    end
    if deadline and tonumber(deadline) > now then
      local fence = nextFence(micros)
      local push = table.concat({server(), fence, token, key}, ' ')
      if redis.call('PUBLISH', channel, push) > 0 then
        write(key, token, owner, ttl, fence, now, now + math.min(tonumber(ttl), CLAIM_MS), lockKept)
        return token, fence
      end
    end
  end
end

-- Ends the holder's grant and passes the lock on, or leaves it free. Where its owner is of before a loss of data and may
-- have ended it already (`isSure` false), an unknown owner may hold the lock since: it isn't passed on.
local function letGo(key, token, now, micros, lossOfLock, lockKept, isSure)
  local isKnown = isSure or quarantine(lossOfLock, now, math.huge) == 0
  redis.call('HDEL', LOCK, 'token')
  redis.call('HSET', LOCK, 'last', token, 'loss', isKnown and loss or lossOfLock or '')
  if not (isKnown and pass(key, now, micros, nil, lockKept)) then redis.call('HDEL', SHELF, key) end
end
