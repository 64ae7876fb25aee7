-- A set of byte strings. Not for ordered sets: members come in the order in which they were put.

local LINE_END = "\r\n"
local NO_OBJECT = "ERROR_CACHE_MISS"

-- One line for each text.
local function inLines(texts)
  texts[#texts + 1] = ""
  return table.concat(texts, LINE_END)
end

-- Members of one set that are, or are not, in the other.
local function filtered(set, other, wanted)
  local lines, count = {}, 0
  for member in pairs(set) do
    if object.has(other, member) == wanted then
      count = count + 1
      lines[count] = member
    end
  end
  return inLines(lines)
end

-- A page of members that begins with this one.
local function page(self, first, count)
  local members, member = {}, first
  while member and #members < count do
    members[#members + 1] = member
    member = next(self, member)
  end
  return inLines(members)
end

-- A walk over this many members takes as long as drawing a few of them one by one.
local WALKED = 1000
local FEW = 16

-- Different members, drawn one by one.
local function drawnKeys(self, count, call)
  local members, known = {}, {}
  while #members < count do
    local member = call.randomKey(self)
    if not known[member] then
      known[member] = true
      members[#members + 1] = member
    end
  end
  return members
end

-- Different whole numbers from 1 to `last`, drawn at random, as the keys of a table; all of them if there are no more than `count` (Floyd's
-- algorithm).
local function drawn(count, last, call)
  local numbers = {}
  for largest = math.max(0, last - count) + 1, last do
    local number = math.floor(call.random() * largest) + 1
    numbers[numbers[number] and largest or number] = true
  end
  return numbers
end

-- The members of all sets.
local function all(sets)
  local members = {}
  for _, set in ipairs(sets) do
    for member in pairs(set) do members[#members + 1] = member end
  end
  return members
end

-- The members of the first set that all of the others have, or none of them.
local function common(sets, wanted)
  local members = {}
  for member in pairs(sets[1]) do
    local fits = true
    for index = 2, #sets do fits = fits and object.has(sets[index], member) == wanted end
    if fits then members[#members + 1] = member end
  end
  return members
end

-- Makes the call's own set anew, with members chosen from the sets under these keys, and returns their number. It may be one of those sets,
-- which is why the members are collected first.
local function remade(keys, call, membersOf)
  local sets = {}
  for index, key in ipairs(keys) do
    sets[index] = call.open("set", key)
    if not sets[index] then return NO_OBJECT end
  end
  local members = membersOf(sets)
  local set = call.create("set", call.key)
  for _, member in ipairs(members) do set[member] = true end
  return object.count(set)
end

local text = { type = "string" }
local manyMembers = { { name = "members", type = "array", items = text } }
local manySets = { { name = "sets", type = "array", items = text, minItems = 1 } }
local some = { { name = "count", type = "integer", minimum = 0, default = 1 } }

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
      parameters = manyMembers,
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
    deletemany = {
      access = "write",
      summary = "removes the members of a JSON array; returns how many of them were there",
      parameters = manyMembers,
      run = function(self, args)
        local before = object.count(self)
        for _, member in ipairs(args.members) do self[member] = nil end
        return before - object.count(self)
      end,
    },
    pop = {
      access = "write",
      summary = "removes the members that were put first, and returns them, one per line",
      parameters = some,
      run = function(self, args)
        local members = {}
        for member in pairs(self) do
          if #members == args.count then break end
          members[#members + 1] = member
          self[member] = nil
        end
        return inLines(members)
      end,
    },
    exist = exists,
    exists = exists,
    existsmany = {
      access = "read",
      summary = "EXISTS or NOT_FOUND for each member of a JSON array, one per line",
      parameters = manyMembers,
      run = function(self, args)
        local lines = {}
        for index, member in ipairs(args.members) do lines[index] = self[member] and "EXISTS" or "NOT_FOUND" end
        return inLines(lines)
      end,
    },
    random = {
      access = "read",
      summary = "different members drawn at random, one per line; for more than 16, and more than one in 1000, it walks over the set",
      parameters = some,
      run = function(self, args, call)
        local size = object.count(self)
        if size > WALKED and args.count <= math.max(FEW, size / WALKED) then
          return inLines(drawnKeys(self, args.count, call))
        end
        local positions = drawn(args.count, size, call)
        local members, position = {}, 0
        for member in pairs(self) do
          if #members == args.count then break end
          position = position + 1
          if positions[position] then members[#members + 1] = member end
        end
        return inLines(members)
      end,
    },
    scan = {
      access = "read",
      summary = "the first page of members, one per line",
      parameters = { { name = "count", type = "integer", minimum = 1, default = 100 } },
      run = function(self, args) return page(self, next(self), args.count) end,
    },
    scanafter = {
      access = "read",
      summary = "the page after a member, the last one of the page before; NOT_FOUND if it is not there any more",
      parameters = { { name = "count", type = "integer", minimum = 1 }, { name = "member", type = "string" } },
      run = function(self, args)
        if not self[args.member] then return "NOT_FOUND" end
        return page(self, next(self, args.member), args.count)
      end,
    },
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
    unionof = {
      access = "upsert",
      summary = "makes the set anew, with the members of the sets under these keys; returns their number",
      parameters = manySets,
      run = function(self, args, call) return remade(args.sets, call, all) end,
    },
    intersectionof = {
      access = "upsert",
      summary = "the same with the members that all of them have",
      parameters = manySets,
      run = function(self, args, call)
        return remade(args.sets, call, function(sets) return common(sets, true) end)
      end,
    },
    differenceof = {
      access = "upsert",
      summary = "the same with the members of the first that no other has",
      parameters = manySets,
      run = function(self, args, call)
        return remade(args.sets, call, function(sets) return common(sets, false) end)
      end,
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
