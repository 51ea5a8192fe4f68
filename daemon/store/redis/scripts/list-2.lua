-- All records whose key starts with a prefix, in the order of keys, as of one instant.
--
-- KEYS    [1] records  [2] index (see put-2.lua)
-- ARGV    [1] prefix
-- result  {'records', key, value, key, value…}; the byte 255 never occurs in UTF-8, so it ends the range

local reply = {'records'}
for _, key in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '(' .. ARGV[1] .. '\255')) do
  local value = redis.call('HGET', KEYS[1], key)
  if value then
    reply[#reply + 1] = key
    reply[#reply + 1] = value
  end
end
return reply
