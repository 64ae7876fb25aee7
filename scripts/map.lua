-- A map of byte strings to byte strings or numbers.

local LINE_END = "\r\n"
local BETWEEN = " : "
local LARGEST = 2 ^ 53

-- The number that a value is or reads as; nil if it is none.
local function numberOf(value)
  if type(value) == "number" then return value end
  local whole, fraction = tostring(value):match("^[+-]?(%d+)(%.?%d*)$")
  if not whole or #whole > 16 or fraction == "." or #fraction > 21 then return nil end
  return tonumber(value)
end

-- Numbers are shown as in JSON.
local function textOf(value)
  return type(value) == "number" and json.encode(value) or value
end

-- The lines as one text.
local function inLines(lines)
  lines[#lines + 1] = ""
  return table.concat(lines, LINE_END)
end

-- A page of pairs that begins with that of this key.
local function page(self, first, count)
  local lines, k = {}, first
  while k and #lines < count do
    lines[#lines + 1] = k .. BETWEEN .. textOf(self[k])
    k = next(self, k)
  end
  return inLines(lines)
end

local key = { { name = "k", type = "string" } }
local keys = { { name = "keys", type = "array", items = { type = "string" } } }
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
    putmany = {
      access = "write",
      summary = "sets the values of several keys, which are the fields of a JSON object: texts or numbers",
      parameters = { { name = "pairs", type = "object" } },
      run = function(self, args, call)
        for k, v in pairs(args.pairs) do
          local isNumber = type(v) == "number" and math.abs(v) < math.huge
          if type(v) ~= "string" and not isNumber then
            call.refuse("the value of " .. k .. " is neither a text nor a number")
          end
          self[k] = v
        end
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
      summary = "adds a number to the value of a key, which starts at 0; returns the sum",
      parameters = { { name = "k", type = "string" }, { name = "n", type = "number", default = 1 } },
      run = function(self, args, call)
        local before = numberOf(self[args.k] or 0)
        if not before then call.refuse("the value of " .. args.k .. " is not a number") end
        local sum = before + args.n
        if sum >= LARGEST or sum <= -LARGEST then call.refuse("the value of " .. args.k .. " would be too large") end
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
    deletemany = {
      access = "write",
      summary = "removes the keys of a JSON array; returns how many of them were there",
      parameters = keys,
      run = function(self, args)
        local before = object.count(self)
        for _, k in ipairs(args.keys) do self[k] = nil end
        return before - object.count(self)
      end,
    },
    get = {
      access = "read",
      summary = "key and value, or NOT_FOUND",
      parameters = key,
      run = function(self, args)
        local value = self[args.k]
        if value == nil then return "NOT_FOUND" end
        return args.k .. BETWEEN .. textOf(value)
      end,
    },
    getmany = {
      access = "read",
      summary = "keys and values of those keys of a JSON array that are there, a line for each pair",
      parameters = keys,
      run = function(self, args)
        local lines = {}
        for _, k in ipairs(args.keys) do
          local value = self[k]
          if value ~= nil then lines[#lines + 1] = k .. BETWEEN .. textOf(value) end
        end
        return inLines(lines)
      end,
    },
    scan = {
      access = "read",
      summary = "the first page of keys and values, a line for each pair",
      parameters = { { name = "count", type = "integer", minimum = 1, default = 100 } },
      run = function(self, args) return page(self, next(self), args.count) end,
    },
    scanafter = {
      access = "read",
      summary = "the page after a key, the last one of the page before; NOT_FOUND if it is not there any more",
      parameters = { { name = "count", type = "integer", minimum = 1 }, { name = "k", type = "string" } },
      run = function(self, args)
        if self[args.k] == nil then return "NOT_FOUND" end
        return page(self, next(self, args.k), args.count)
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
      parameters = { { name = "seconds", type = "integer", minimum = -1, maximum = 4294967295, default = -1 } },
      run = function(self, args, call)
        if args.seconds < 0 then return call.ttl or -1 end
        call.expire(args.seconds)
        return "SUCCESS"
      end,
    },
  },
}
