-- A map of byte strings to byte strings or whole numbers.

local LINE_END = "\r\n"
local BETWEEN = " : "
local LARGEST = 2 ^ 53

-- The number that a value is or reads as; nil when it is not a whole one.
local function wholeNumber(value)
  if type(value) == "string" then
    if #value > 17 or not value:find("^[+-]?%d+$") then return nil end
    value = tonumber(value)
  end
  if type(value) == "number" and value % 1 == 0 then return value end
  return nil
end

local key = { { name = "k", type = "string" } }
local keyAndValue = { { name = "k", type = "string" }, { name = "v", type = "string" } }

return {
  name = "map",
  summary = "a map of byte strings",
  missing = "value",
  methods = {
    new = {
      access = "create",
      summary = "makes an empty map",
      run = function() return "CREATED" end,
    },
    put = {
      access = "write",
      summary = "sets the value of a key",
      parameters = keyAndValue,
      run = function(self, args)
        self[args.k] = args.v
        return "SUCCESS"
      end,
    },
    putifabsent = {
      access = "write",
      summary = "SUCCESS, or EXISTS and nothing is set",
      parameters = keyAndValue,
      run = function(self, args)
        if self[args.k] ~= nil then return "EXISTS" end
        self[args.k] = args.v
        return "SUCCESS"
      end,
    },
    incr = {
      access = "write",
      summary = "adds a whole number to the value of a key, which starts at 0; returns the sum",
      parameters = { { name = "k", type = "string" }, { name = "n", type = "integer", default = 1 } },
      run = function(self, args)
        local before = wholeNumber(self[args.k] or 0)
        if not before then error("the value of " .. args.k .. " is not a whole number", 0) end
        local sum = before + args.n
        if sum >= LARGEST or sum <= -LARGEST then error("the value of " .. args.k .. " would be too large", 0) end
        self[args.k] = sum
        return sum
      end,
    },
    delete = {
      access = "write",
      summary = "removes a key",
      parameters = key,
      run = function(self, args)
        self[args.k] = nil
        return "SUCCESS"
      end,
    },
    get = {
      access = "read",
      summary = "key and value, or NOT_FOUND",
      parameters = key,
      run = function(self, args)
        local value = self[args.k]
        if value == nil then return "NOT_FOUND" end
        return args.k .. BETWEEN .. value
      end,
    },
    count = {
      access = "read",
      summary = "the number of keys",
      run = function(self) return object.count(self) end,
    },
    getkeys = {
      access = "read",
      summary = "the keys, one per line",
      run = function(self) return object.join(self, "keys", LINE_END) end,
    },
    getvalues = {
      access = "read",
      summary = "the values, one per line",
      run = function(self) return object.join(self, "values", LINE_END) end,
    },
    getall = {
      access = "read",
      summary = "keys and values, a line for each pair",
      run = function(self) return object.join(self, "entries", LINE_END, BETWEEN) end,
    },
    ttl = {
      access = "write",
      summary = "seconds left, -1 for no expiry; or sets them, 0 for no expiry",
      parameters = { { name = "seconds", type = "integer", minimum = -1, default = -1 } },
      run = function(self, args, call)
        if args.seconds < 0 then return call.ttl or -1 end
        call.expire(args.seconds)
        return "SUCCESS"
      end,
    },
  },
}
