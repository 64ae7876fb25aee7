-- A sliding-window counter: statistics of the last `size` values that were added.
--
-- Fields: size, added (how many values ever were), and the values at 1 to size, the oldest overwritten first.

local MOST_VALUES = 100000

-- The number of values in the window; slots that were never filled do not count.
local function filled(self)
  return math.min(self.added, self.size)
end

local function sum(self)
  local total = 0
  for slot = 1, filled(self) do total = total + self[slot] end
  return total
end

-- Reduces all values with `choose`, two at a time; 0 when nothing was added.
local function best(self, choose)
  local count = filled(self)
  if count == 0 then return 0 end
  local found = self[1]
  for slot = 2, count do found = choose(found, self[slot]) end
  return found
end

return {
  name = "swcounter",
  summary = "statistics of the last values that were added",
  missing = "value",
  methods = {
    new = {
      access = "create",
      summary = "makes a counter of the last `size` values",
      parameters = { { name = "size", type = "integer", minimum = 1, maximum = MOST_VALUES, default = 16 } },
      run = function(self, args)
        self.size = args.size
        self.added = 0
        return "CREATED"
      end,
    },
    add = {
      access = "write",
      summary = "adds a value",
      parameters = { { name = "value", type = "number" } },
      run = function(self, args)
        local added = self.added
        self[added % self.size + 1] = args.value
        self.added = added + 1
        return "SUCCESS"
      end,
    },
    getlast = {
      access = "read",
      summary = "the value added last",
      run = function(self)
        if self.added == 0 then return 0 end
        return self[(self.added - 1) % self.size + 1]
      end,
    },
    getmin = {
      access = "read",
      summary = "the smallest",
      run = function(self) return best(self, math.min) end,
    },
    getmax = {
      access = "read",
      summary = "the largest",
      run = function(self) return best(self, math.max) end,
    },
    getsum = {
      access = "read",
      summary = "the sum",
      run = sum,
    },
    getavg = {
      access = "read",
      summary = "the mean",
      run = function(self)
        local count = filled(self)
        if count == 0 then return 0 end
        return sum(self) / count
      end,
    },
    getcount = {
      access = "read",
      summary = "the number of values in the window",
      run = filled,
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
