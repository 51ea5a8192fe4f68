-- Appends an event. Sequences grow by one; after the data was lost they go on from the clock in microseconds, which is
-- above all earlier ones as long as no more than an event a microsecond comes, so that no reader's cursor lies ahead.
-- Safe to run twice: the mark holds the sequence this very event got.
--
-- KEYS    [1] events: stream, id <sequence>-0  [2] last sequence  [3] mark of this event
-- ARGV    [1] kind  [2] JSON  [3] how many events are kept, about  [4] how long the mark is kept, ms
-- result  {'appended', sequence}

local earlier = redis.call('GET', KEYS[3])
if earlier then return {'appended', earlier} end
local time = redis.call('TIME')
local seconds, micros = tonumber(time[1]), tonumber(time[2])
local ms = seconds * 1000 + math.floor(micros / 1000)
local sequence = tonumber(redis.call('GET', KEYS[2]) or seconds * 1000000 + micros) + 1
local text = string.format('%.0f', sequence)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], text .. '-0', 'time', ms, 'kind', ARGV[1], 'data', ARGV[2])
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[3], text, 'PX', ARGV[4])
return {'appended', text}
