-- Appends an event. Sequences grow by one; after the data was lost they go on from the clock, above all earlier ones,
-- so that no reader's cursor lies ahead of them.
-- Safe to run twice: the mark holds the sequence this very event got.
--
-- KEYS    [1] events: stream, id <sequence>-0  [2] last sequence  [3] mark of this event
-- ARGV    [1] kind  [2] JSON  [3] how many events are kept, about  [4] how long the mark is kept, ms
-- result  {'appended', sequence}

local earlier = redis.call('GET', KEYS[3])
if earlier then return {'appended', earlier} end
local time = redis.call('TIME')
local ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local sequence = tonumber(redis.call('GET', KEYS[2]) or string.format('%.0f', ms * 1000)) + 1
local text = string.format('%.0f', sequence)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], text .. '-0', 'time', ms, 'kind', ARGV[1], 'data', ARGV[2])
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[3], text, 'PX', ARGV[4])
return {'appended', text}
