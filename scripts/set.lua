-- A set of byte strings. Not for ordered sets: members come in the order in which they were put.

local LINE_END = "\r\n"
local NO_OBJECT = "ERROR_CACHE_MISS"

-- Members of one set that are, or are not, in the other.
local function filtered(set, other, wanted)
  local lines, count = {}, 0
  for member in pairs(set) do
    if object.has(other, member) == wanted then
      count = count + 1
      lines[count] = member
    end
  end
  lines[count + 1] = ""
  return table.concat(lines, LINE_END)
end

local exists = {
  access = "read",
  summary = "EXISTS or NOT_FOUND",
  parameters = { { name = "member", type = "string" } },
  run = function(self, args)
    if self[args.member] then return "EXISTS" end
    return "NOT_FOUND"
  end,
}

local other = { { name = "other", type = "string" } }

return {
  name = "set",
  summary = "a set of byte strings",
  missing = "value",
  methods = {
    new = {
      access = "create",
      summary = "makes an empty set",
      run = function() return "CREATED" end,
    },
    put = {
      access = "write",
      summary = "adds a member",
      parameters = { { name = "member", type = "string" } },
      run = function(self, args)
        self[args.member] = true
        return "SUCCESS"
      end,
    },
    putall = {
      access = "write",
      summary = "adds the members of a JSON array",
      parameters = { { name = "members", type = "array", items = { type = "string" } } },
      run = function(self, args)
        for _, member in ipairs(args.members) do self[member] = true end
        return "SUCCESS"
      end,
    },
    delete = {
      access = "write",
      summary = "removes a member",
      parameters = { { name = "member", type = "string" } },
      run = function(self, args)
        self[args.member] = nil
        return "SUCCESS"
      end,
    },
    exist = exists,
    exists = exists,
    count = {
      access = "read",
      summary = "the number of members",
      run = function(self) return object.count(self) end,
    },
    getall = {
      access = "read",
      summary = "the members, one per line",
      run = function(self) return object.join(self, "keys", LINE_END) end,
    },
    union = {
      access = "read",
      summary = "the members of this and another set",
      parameters = other,
      run = function(self, args, call)
        local second = call.open("set", args.other)
        if not second then return NO_OBJECT end
        return object.join(self, "keys", LINE_END) .. filtered(second, self, false)
      end,
    },
    intersection = {
      access = "read",
      summary = "the members that another set has too",
      parameters = other,
      run = function(self, args, call)
        local second = call.open("set", args.other)
        if not second then return NO_OBJECT end
        return filtered(self, second, true)
      end,
    },
    difference = {
      access = "read",
      summary = "the members that another set does not have",
      parameters = other,
      run = function(self, args, call)
        local second = call.open("set", args.other)
        if not second then return NO_OBJECT end
        return filtered(self, second, false)
      end,
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
