-- One record, unless it is too large.
--
-- KEYS    [1] records  [2] index (see put-2.lua)
-- ARGV    [1] key  [2] bytes it may have
-- result  {'none'} | {'record', value} | {'record', its bytes}: too large to be sent

local bytes = redis.call('HSTRLEN', KEYS[1], ARGV[1])
if bytes == 0 then return {'none'} end
if bytes > tonumber(ARGV[2]) then return {'record', bytes} end
return {'record', redis.call('HGET', KEYS[1], ARGV[1])}
