---@meta cacheismo
-- What scripts can call, for completion and checks in editors that understand LuaCATS (lua-language-server: add this file to
-- its libraries). Not loaded by the server.

---@class cacheismo.Parameter
---@field name string
---@field type 'string'|'number'|'integer'|'boolean'|'array'|'object'
---@field description? string
---@field default? string|number|boolean Clients may leave the argument out.
---@field enum? (string|number|boolean)[]
---@field minimum? number
---@field maximum? number
---@field exclusiveMinimum? number
---@field exclusiveMaximum? number
---@field pattern? string A regular expression over bytes, without references and looking around.
---@field minLength? integer In bytes.
---@field maxLength? integer In bytes.
---@field items? cacheismo.Parameter Of an array; without a name.
---@field minItems? integer
---@field maxItems? integer

---A setting of a type, which operators set under `types` of the configuration file.
---@class cacheismo.Setting
---@field type 'string'|'number'|'integer'|'boolean'|'array'|'object'
---@field description? string
---@field default? string|number|boolean|table Without it the configuration file must have a value.
---@field enum? (string|number|boolean)[]
---@field minimum? number
---@field maximum? number
---@field exclusiveMinimum? number
---@field exclusiveMaximum? number
---@field pattern? string
---@field minLength? integer In bytes.
---@field maxLength? integer In bytes.
---@field items? cacheismo.Parameter Of an array; without a name.
---@field minItems? integer
---@field maxItems? integer

---The object's content, in place: it behaves as a table does, costs the same however large it is, and must not be kept
---beyond the call. Values are strings, numbers, booleans and nested tables.
---@class cacheismo.Object
---@field [string|number] string|number|boolean|cacheismo.Object|nil

---@class cacheismo.Call
---@field now number Unix time in seconds.
---@field unixMs number The same in milliseconds.
---@field monotonicMs number Milliseconds since the start of the server, or of the one whose dump it has loaded, for durations.
---@field isNew boolean Whether there was no object, so that self is empty: in methods with upsert, and in those that read with missing = "empty".
---@field key string The object's key, without its type.
---@field type string
---@field config table<string, any> The settings of the type: those of the configuration file, and defaults. Read-only.
---@field existed boolean In methods that create: whether there was an object at the key.
---@field ttlSeconds? number Seconds left; nil when the object does not expire.
---@field ttl? number The same, under its short name.
---@field resultLimitBytes integer The most bytes that a method can return (-I).
local call = {}

---Another object of a loaded type: to read, or to change with 'write'; nil when there is none. With 'upsert' there is always one: if need be
---a new, empty one, which is stored only if it is not empty after the call.
---@overload fun(self: cacheismo.Call, type: string, key: string, access: 'upsert'): cacheismo.Object
---@param type string
---@param key string
---@param access? 'read'|'write'
---@return cacheismo.Object?
function call:open(type, key, access) end

---Whether there is an object of a loaded type. Unlike opening it, this does not count as its use, so that it is evicted no later.
---@param type string
---@param key string
---@return boolean
function call:exists(type, key) end

---A new, empty object, which replaces the one at the key.
---@param type string
---@param key string
---@return cacheismo.Object
function call:create(type, key) end

---Removes another object, or the call's own when called without arguments; whether there was one. Its tables, self included, cannot be used any
---more.
---@param type? string
---@param key? string
---@return boolean
function call:remove(type, key) end

---Calls a method, of this type or of another one, on the object at the key, within this call: the same budget, the same time, and one outcome
---for both. A failure in it ends this call, too; pcall does not catch it. The result is a copy; nil when there is no such object, or the
---method returns nothing.
---@param type string
---@param method string
---@param key string
---@param args? table<string, string|number|boolean|table|cacheismo.Object> By the names of the parameters.
---@return string|number|boolean|table|nil
function call:invoke(type, method, key, args) end

---The bytes of a plain value, which clients store by `set`; nil when there is none.
---@param key string
---@return string?
function call:value(key) end

---Stores a plain value when the call succeeds. It expires after that many seconds, or never.
---@param key string
---@param bytes string
---@param seconds? number
function call:setValue(key, bytes, seconds) end

---Deletes a plain value when the call succeeds; whether there was one.
---@param key string
---@return boolean
function call:deleteValue(key) end

---Sets the object's time to live; 0 lets it live until it is evicted. Takes effect when the call succeeds.
---@param seconds number
function call:expire(seconds) end

---Keeps the object from being evicted until it expires or is deleted. Takes effect when the call succeeds; fails where pinned objects
---would take more than --pinned-limit.
function call:pin() end

---Takes a pin of an earlier call back: the object may be evicted again.
function call:unpin() end

---The values with a blank between each two.
---@param ... string|number
---@return string
function call:words(...) end

---An integer larger than all those that calls have got from this server before, even after a restart.
---@return number
function call:sequence() end

---At least 0 and below 1.
---@return number
function call:random() end

---The first 64 bits of MurmurHash3 x86_128, the same on all servers.
---@param bytes string
---@return number high 32 bits
---@return number low 32 bits
function call:hash64(bytes) end

---A key of a table of an object, such as self, each with the same probability; nil if it is empty.
---@param table table
---@return string|number|nil
function call:randomKey(table) end

---Ends the call on purpose: CLIENT_ERROR type:method: message. Nothing is changed, nothing logged.
---@param message? string
function call:refuse(message) end

---In methods that create: makes no object; an existing one is kept.
function call:abandon() end

---One line in the server's log.
---@param ... any
function call:log(...) end

---@alias cacheismo.Result string|number|boolean|table|cacheismo.Object|nil

---@class cacheismo.Method
---@field access 'create'|'read'|'write'|'upsert' create: self is a new object; read, write: the object must exist; upsert: self is the object, or a new one if there is none.
---@field summary? string
---@field reserve? boolean For methods that end something: where pinned objects take all of --pinned-limit, those that the call finds may take a tenth more.
---@field parameters? cacheismo.Parameter[] In the order in which clients give them.
---@field run fun(self: cacheismo.Object, args: table<string, any>, call: cacheismo.Call): cacheismo.Result

---What a script returns.
---@class cacheismo.Type
---@field name string Lower case letters, digits and _, starting with a letter.
---@field summary? string
---@field config? table<string, cacheismo.Setting> Settings by name, for `call.config`.
---@field missing? 'miss'|'value'|'empty' The reply to a call on a missing object: END, which is the default, or the value ERROR_CACHE_MISS. With empty, methods that read run on an empty table.
---@field retention? 'evictable'|'pinned' Whether objects may be evicted, which is the default. Pinned ones leave by expiry or deletion.
---@field version? integer Of the content of the objects, 1 to 7: raise it when fields get another meaning. 1 is the default.
---@field migrate? fun(self: cacheismo.Object, from: integer) Changes an object that an older version has written, in the first call that opens it, before the method runs. After an error the object is as it was.
---@field methods table<string, cacheismo.Method>

---Bulk operations on objects.
object = {}

---The number of fields, which is stored and not counted.
---@param self cacheismo.Object
---@return integer
function object.count(self) end

---@param self cacheismo.Object
---@param key string|number
---@return boolean
function object.has(self, key) end

---Whether there was such a field.
---@param self cacheismo.Object
---@param key string|number
---@return boolean
function object.delete(self, key) end

---Adds to the number in a field, 0 if there is no such field, and returns the sum. Refused, with the field unchanged: a field that holds something
---else, NaN and infinities, an infinite sum.
---@param self cacheismo.Object
---@param key string|number
---@param n number
---@return number
function object.add(self, key, n) end

---Removes `removed` elements of a list from the one with the number `start` on, or all, puts the values in their place, and returns a list of those
---removed. -1 is the last element; a start beyond the end is the end. table.insert, table.remove and # work on lists as well.
---@param list cacheismo.Object
---@param start integer
---@param removed? integer
---@param ... string|number|boolean|table
---@return table
function object.splice(list, start, removed, ...) end

---@param self cacheismo.Object
function object.clear(self) end

---All fields as one string: key, between, value, after; or only keys or values.
---@param self cacheismo.Object
---@param what 'keys'|'values'|'entries'
---@param after string
---@param between? string
---@return string
function object.join(self, what, after, between) end

---The ordered index at the key, made if there is no such field. Members of one score are ordered by arrival, which is the default, or by the
---bytes of their names. In a method that only reads, an index that is not there is an empty one.
---@param self cacheismo.Object
---@param key string|number
---@param ties? 'arrival'|'bytes'
---@return cacheismo.OrderedIndex
function object.ordered(self, key, ties) end

---The byte array at the key, made with that length if there is no such field; its bytes are 0. Without a length, the array that is there. In a
---method that only reads, an array that is not there has bytes that are 0.
---@param self cacheismo.Object
---@param key string|number
---@param length? integer
---@return cacheismo.ByteArray
function object.bytes(self, key, length) end

---Bytes that are changed in place. Offsets count bytes from 0; numbers are little-endian. Bit n is bit n % 8 of byte n // 8, the lowest first.
---What is beyond the end is an error. `#array` is the number of bytes. In JSON it is a text, in base64.
---@class cacheismo.ByteArray
---@operator len: integer
local bytes = {}

---Number of bytes, which never changes.
---@return integer
function bytes:length() end

---@param offset integer
---@return integer
function bytes:getU8(offset) end

---@param offset integer
---@param value integer
function bytes:setU8(offset, value) end

---@param offset integer
---@return integer
function bytes:getU16(offset) end

---@param offset integer
---@param value integer
function bytes:setU16(offset, value) end

---@param offset integer
---@return integer
function bytes:getU32(offset) end

---@param offset integer
---@param value integer
function bytes:setU32(offset, value) end

---@param offset integer
---@return number
function bytes:getF64(offset) end

---@param offset integer
---@param value number
function bytes:setF64(offset, value) end

---@param bit integer
---@return boolean
function bytes:getBit(bit) end

---Sets a bit, or clears it if `on` is false; whether it has changed.
---@param bit integer
---@param on? boolean
---@return boolean
function bytes:setBit(bit, on) end

---For Bloom filters: sets `count` bits from the byte `from` on, which the two words of a hash choose (call.hash64); how many of them were not set.
---@param high integer
---@param low integer
---@param count integer
---@param from? integer
---@return integer
function bytes:setHashed(high, low, count, from) end

---Whether all those bits are set.
---@param high integer
---@param low integer
---@param count integer
---@param from? integer
---@return boolean
function bytes:hasHashed(high, low, count, from) end

---Number of bits that are set, in the whole array or from a byte on.
---@param offset? integer
---@param length? integer
---@return integer
function bytes:countBits(offset, length) end

---A range as a byte string; without a length, all from the offset on.
---@param offset? integer
---@param length? integer
---@return string
function bytes:read(offset, length) end

---@param offset integer
---@param text string
function bytes:write(offset, text) end

---Sets all bytes of a range, or of the array, to the same value.
---@param value integer
---@param offset? integer
---@param length? integer
function bytes:fill(value, offset, length) end

---Returns -1, 0 or 1: whether this array is before another in the order of their bytes.
---@param other cacheismo.ByteArray
---@return integer
function bytes:compare(other) end

---Sets each bit that another array of the same length has: the union of two bitmaps.
---@param other cacheismo.ByteArray
function bytes:orWith(other) end

---Sets each byte to the larger one of this array's and another's of the same length.
---@param other cacheismo.ByteArray
function bytes:maxWith(other) end

---Members with a score, in the order of their scores. Ranks count from 1, and from -1 backwards. `#index` is the number of members.
---@class cacheismo.OrderedIndex
---@operator len: integer
local index = {}

---The number of members; kept, not counted.
---@return integer
function index:count() end

---Sets a member's score; whether the member is new. A member that gets another score comes after those that have had it before.
---@param member string
---@param score number
---@return boolean
function index:set(member, score) end

---The member's score.
---@param member string
---@return number?
function index:get(member) end

---The highest score of several members, named in one text with `between` after each but the last, "a,b,c"; nil if none is there.
---@param members string
---@param between string
---@return number?
function index:highest(members, between) end

---Whether there was such a member.
---@param member string
---@return boolean
function index:delete(member) end

---The member's rank: 1 for the first.
---@param member string
---@param direction? 'ascending'|'descending'
---@return integer?
function index:rank(member, direction) end

---The member with that rank, and its score.
---@param rank integer
---@param direction? 'ascending'|'descending'
---@return string? member
---@return number? score
function index:at(rank, direction) end

---A list of { member, score } from one rank to another, both included.
---@param from integer
---@param to integer
---@param direction? 'ascending'|'descending'
---@return table[]
function index:range(from, to, direction) end

---The same, without scores.
---@param from integer
---@param to integer
---@param direction? 'ascending'|'descending'
---@return string[]
function index:members(from, to, direction) end

---The same as one string: `member + after` for each, or `member + between + score + after`. No list is made, which is quicker.
---@param from integer
---@param to integer
---@param direction 'ascending'|'descending'
---@param after string
---@param between? string
---@return string
function index:join(from, to, direction, after, between) end

---A list of { member, score } with scores from `lowest` to `highest`, both included, and of at most `limit` members.
---@param lowest number
---@param highest number
---@param direction? 'ascending'|'descending'
---@param limit? integer
---@return table[]
function index:between(lowest, highest, direction, limit) end

---How many members have such a score.
---@param lowest number
---@param highest number
---@return integer
function index:countBetween(lowest, highest) end

---@return string? member
---@return number? score
function index:first() end

---@return string? member
---@return number? score
function index:last() end

---Removes the first member, and returns it with its score.
---@return string? member
---@return number? score
function index:popFirst() end

---@return string? member
---@return number? score
function index:popLast() end

---JSON of tables and back. A table with the keys 1 to n is an array.
json = {}

---A value of JSON's null, for results. A field cannot hold it.
json.null = {}

---@param value any
---@return string
function json.encode(value) end

---@param text string
---@return any
function json.decode(text) end

---Returns the table, or a new one, which is an array in JSON even while it is empty.
---@param list? table
---@return table
function json.array(list) end

-- The functions for scripts in the style of the original cacheismo. They set one global table named after the type, whose functions
-- get (command, originalKey, cacheKey, ...) and write their own reply.

---@class cacheismo.Item
local item = {}
---@return string
function item:getKey() end
---@return integer
function item:getKeySize() end
---@return integer
function item:getExpiryTime() end
---@return integer
function item:getFlags() end
---@return integer
function item:getDataSize() end
---@return string
function item:getData() end
---Drops the script's reference, not the stored item.
function item:delete() end

---@class cacheismo.HashMap
local hashMap = {}
---@param key string
---@return cacheismo.Item?
function hashMap:get(key) end
---@param item cacheismo.Item
function hashMap:put(item) end
---@param key string
function hashMap:delete(key) end
---Frees at least so many bytes from the least recently used end.
---@param bytes integer
function hashMap:deleteLRU(bytes) end
---@param prefix string
---@return string[]?
function hashMap:getPrefixMatchingKeys(prefix) end

---@class cacheismo.Command
local command = {}
---@return string
function command:getCommand() end
---@return string
function command:getKey() end
---@param key string
function command:setKey(key) end
---@return integer
function command:getKeySize() end
---@return integer
function command:getExpiryTime() end
---@param seconds integer
function command:setExpiryTime(seconds) end
---@return integer
function command:getFlags() end
---@param flags integer
function command:setFlags(flags) end
---@return integer
function command:getDelta() end
---@param delta integer
function command:setDelta(delta) end
---@return boolean
function command:getNoReply() end
---@param noReply boolean
function command:setNoReply(noReply) end
---@return integer
function command:getDataSize() end
---@return string
function command:getData() end
---@param data string
function command:setData(data) end
---@return cacheismo.Item
function command:newCacheItem() end
---@param item cacheismo.Item
function command:writeCacheItem(item) end
---@param text string
function command:writeString(text) end
---@return boolean
function command:hasMultipleKeys() end
---@return string[]
function command:getMultipleKeys() end

---The store.
---@return cacheismo.HashMap
function getHashMap() end

---0 debug, 1 info, 2 warn, 3 error.
---@param level integer
function setLogLevel(level) end

---Writes `VALUE key 0 length`, the value and a line end.
---@param command cacheismo.Command
---@param key string
---@param value string|number
function writeStringAsValue(command, key, value) end

---Calls func(object, ...) and writes its result as the value of originalKey; ERROR_CACHE_MISS when there is no object.
---@param command cacheismo.Command
---@param originalKey string
---@param objectType string
---@param cacheKey string
---@param func fun(object: table, ...: any): string|number|nil
---@param ... any
function executeReadOnly(command, originalKey, objectType, cacheKey, func, ...) end

---The same, and stores the object back.
---@param command cacheismo.Command
---@param originalKey string
---@param objectType string
---@param cacheKey string
---@param func fun(object: table, ...: any): string|number|nil
---@param ... any
function executeReadWrite(command, originalKey, objectType, cacheKey, func, ...) end

---func(...) makes the object; writes CREATED, or NOT_CREATED when it returns nil.
---@param command cacheismo.Command
---@param originalKey string
---@param objectType string
---@param cacheKey string
---@param func fun(...: any): table?
---@param ... any
function executeNew(command, originalKey, objectType, cacheKey, func, ...) end

---Bytes of a table.
---@param t table
---@return string
function table.marshal(t) end

---@param s string
---@return table
function table:unmarshal(s) end

---A deep copy.
---@param t table
---@return table
function table.clone(t) end
