-- All records whose key starts with a prefix, in the order of keys, as of one instant.
--
-- KEYS    [1] records  [2] index (see put-2.lua)
-- ARGV    [1] prefix  [2] bytes a record may have  [3] records at most  [4] bytes of all of them at most
-- result  {'records', key, value, key, value…}; of one that is too large its bytes, a number, instead of the value. The byte
--         255 never occurs in UTF-8, so it ends the range

local reply = {'records'}
local most, rest = tonumber(ARGV[2]), tonumber(ARGV[4])
local keys = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '(' .. ARGV[1] .. '\255', 'LIMIT', 0, ARGV[3])
for _, key in ipairs(keys) do
  local bytes = #key <= 1024 and redis.call('HSTRLEN', KEYS[1], key) or 0
  if bytes > 0 then
    local fits = bytes <= most and bytes <= rest
    if fits then rest = rest - bytes end
    reply[#reply + 1] = key
    reply[#reply + 1] = fits and redis.call('HGET', KEYS[1], key) or bytes
  end
end
return reply
