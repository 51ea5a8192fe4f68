-- Deletes a record if it still has the expected version.
-- Safe to run twice: the mark remembers that this very deletion was done.
--
-- KEYS    [1] records  [2] index (see put-2.lua)  [3] mark of this deletion
-- ARGV    [1] key  [2] expected version  [3] channel  [4] deleting daemon  [5] how long the mark is kept, ms
-- result  {'deleted'} | {'kept'}

if redis.call('EXISTS', KEYS[3]) == 1 then return {'deleted'} end
local found = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^%d+')
if not found or tonumber(found) ~= tonumber(ARGV[2]) then return {'kept'} end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
redis.call('PUBLISH', ARGV[3], ARGV[4] .. ' ' .. ARGV[1])
return {'deleted'}
