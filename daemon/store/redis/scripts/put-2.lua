-- Writes a record if it still has the expected version.
-- Safe to run twice: a record remembers the write that made it. A new record's version is the clock in microseconds, so
-- that none comes a second time for the same key, also after a removal or a loss of the data.
--
-- KEYS    [1] records: hash of key = "<version> <write> <JSON>"  [2] index: sorted set of keys, all with score 0
-- ARGV    [1] key  [2] JSON  [3] expected version (0: none)  [4] id of this write  [5] channel  [6] writing daemon
-- result  {'written', version} | {'conflict', version found}

local key, expected = ARGV[1], tonumber(ARGV[3])
local found, write = string.match(redis.call('HGET', KEYS[1], key) or '0 -', '^(%d+) (%S+)')
found = tonumber(found)
if write == ARGV[4] then return {'written', found} end
if found ~= expected then return {'conflict', found} end
local version = expected + 1
if expected == 0 then
  local time = redis.call('TIME')
  version = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
redis.call('HSET', KEYS[1], key, string.format('%.0f %s ', version, ARGV[4]) .. ARGV[2])
redis.call('ZADD', KEYS[2], 0, key)
redis.call('PUBLISH', ARGV[5], ARGV[6] .. ' ' .. key)
return {'written', version}
