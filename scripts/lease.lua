-- A lock that ends by itself, with fencing tokens; with several slots a semaphore.
--
-- Guarantees: at most `slots` owners hold it. Every grant has a token that is larger than all before it, over releases, ends, evictions,
-- flush_all and restarts, so a resource that remembers the largest token can refuse a late owner. Durations do not depend on the machine's
-- date. After a crash together with a date that was set back tokens may repeat, and the lock is as safe as this one server is.
-- Pinned: a lease is not evicted before its end. One whose object was deleted is lost.
-- Bytes: 112 with a key of 10 bytes and an owner of 20; about 400 for each of several holders. Cost: the same for 10,000 holders as for ten.
--
-- Fields:
--   owner, token, ends    the only holder; `ends` is in monotonic milliseconds
--   tokens, owners        of several holders: tokens by owner, owners by token
--   order                 and an ordered index of the ends of their leases, by token

local DAY_MS = 86400000
local MAX_SLOTS = 10000
-- Ended leases that one grant removes, so that many that end together do not hold up a call.
local REMOVED_PER_GRANT = 100
-- Of `who`.
local MOST_LISTED = 500
-- The rounding of sums of times.
local GRAIN_MS = 1e-5

-- When the lease with a token ends or has ended; 0 if there is none.
local function endOf(self, token)
  if self.tokens then return object.ordered(self, "order"):get(tostring(token)) or 0 end
  return self.token == token and self.ends or 0
end

local function tokenOf(self, owner)
  if self.tokens then return self.tokens[owner] or 0 end
  return self.owner == owner and self.token or 0
end

local function isHeldBy(self, owner, token, now)
  return tokenOf(self, owner) == token and endOf(self, token) > now
end

local function holderCount(self, now)
  if not self.tokens then return (self.ends or 0) > now and 1 or 0 end
  local order = object.ordered(self, "order")
  return order:count() - order:countBetween(0, now)
end

-- When so few are left that there is a free slot, if no holder renews.
local function freeAt(self, slots)
  if not self.tokens then return self.ends end
  local _, ends = object.ordered(self, "order"):at(-slots)
  return ends
end

-- Objects expire by whole seconds of the server, the first of which has begun: hence one more.
local function liveFor(ms, call)
  local seconds = math.ceil(ms / 1000) + 1
  if (call.ttlSeconds or 0) < seconds then call.expire(seconds) end
end

local function add(self, owner, token, ends)
  local name = tostring(token)
  self.tokens[owner] = token
  self.owners[name] = owner
  object.ordered(self, "order"):set(name, ends)
end

local function remove(self, token)
  local name = tostring(token)
  local owner = self.owners[name]
  object.ordered(self, "order"):delete(name)
  self.owners[name] = nil
  -- The owner may have a new lease.
  if self.tokens[owner] == token then self.tokens[owner] = nil end
end

-- Makes place for more holders than the one that there is.
local function share(self)
  if self.tokens then return end
  local owner, token, ends = self.owner, self.token, self.ends
  object.clear(self)
  self.tokens = {}
  self.owners = {}
  add(self, owner, token, ends)
end

local function removeEnded(self, now)
  local order = object.ordered(self, "order")
  for _ = 1, REMOVED_PER_GRANT do
    local name, ends = order:first()
    if not name or ends > now then return end
    remove(self, tonumber(name))
  end
end

-- Gives the lease to the owner and returns the token.
local function grant(self, call, owner, ttlMs, others)
  if owner:find("[%c ]") then call.refuse("owner must have no blanks and no control characters") end
  local token = call.sequence()
  local ends = call.monotonicMs + ttlMs
  if others == 0 then
    if self.tokens then object.clear(self) end
    self.owner = owner
    self.token = token
    self.ends = ends
  else
    share(self)
    removeEnded(self, call.monotonicMs)
    add(self, owner, token, ends)
  end
  liveFor(ttlMs, call)
  return token
end

-- Rounded down: an owner must not believe that it has more.
local function left(ends, now)
  return math.floor(ends - now + GRAIN_MS)
end

local owner = { name = "owner", type = "string", minLength = 1, maxLength = 64 }
local token = { name = "token", type = "integer", minimum = 1 }
local ttl = { name = "ttl_ms", type = "integer", minimum = 1, maximum = DAY_MS }

return {
  name = "lease",
  summary = "a lock that ends by itself, with fencing tokens; with slots a semaphore",
  missing = "empty",
  retention = "pinned",
  methods = {
    acquire = {
      access = "upsert",
      summary = "OK, token, expires_ms; or HELD, retry_ms, holders. A holder gets its token again, and no more time",
      parameters = { owner, ttl, { name = "slots", type = "integer", minimum = 1, maximum = MAX_SLOTS, default = 1 } },
      run = function(self, args, call)
        local now = call.monotonicMs
        local token = tokenOf(self, args.owner)
        local ends = endOf(self, token)
        if ends > now then return "OK " .. token .. " " .. left(ends, now) end
        local holders = holderCount(self, now)
        if holders >= args.slots then
          return "HELD " .. math.max(1, math.ceil(freeAt(self, args.slots) - now - GRAIN_MS)) .. " " .. holders
        end
        return "OK " .. grant(self, call, args.owner, args.ttl_ms, holders) .. " " .. args.ttl_ms
      end,
    },
    renew = {
      access = "upsert",
      reserve = true,
      summary = "OK, expires_ms, counted from now; or LOST",
      parameters = { owner, token, ttl },
      run = function(self, args, call)
        if not isHeldBy(self, args.owner, args.token, call.monotonicMs) then return "LOST" end
        local ends = call.monotonicMs + args.ttl_ms
        if self.tokens then object.ordered(self, "order"):set(tostring(args.token), ends) else self.ends = ends end
        liveFor(args.ttl_ms, call)
        return "OK " .. args.ttl_ms
      end,
    },
    release = {
      access = "upsert",
      reserve = true,
      summary = "OK, or LOST if it had ended or another has it",
      parameters = { owner, token },
      run = function(self, args, call)
        if not isHeldBy(self, args.owner, args.token, call.monotonicMs) then return "LOST" end
        if self.tokens then remove(self, args.token) end
        if not self.tokens or object.ordered(self, "order"):count() == 0 then call.remove() end
        return "OK"
      end,
    },
    check = {
      access = "read",
      summary = "VALID, remaining_ms; or LOST",
      parameters = { token },
      run = function(self, args, call)
        local ends = endOf(self, args.token)
        return ends > call.monotonicMs and "VALID " .. left(ends, call.monotonicMs) or "LOST"
      end,
    },
    steal = {
      access = "upsert",
      reserve = true,
      summary = "OK, token: ends all leases and takes the place of their holders; logs the reason",
      parameters = { owner, ttl, { name = "reason", type = "string", default = "" } },
      run = function(self, args, call)
        local token = tokenOf(self, args.owner)
        -- A repeated request must not end the lease that the first has given.
        local isAlone = endOf(self, token) > call.monotonicMs and holderCount(self, call.monotonicMs) == 1
        if isAlone then return "OK " .. token end
        call.log(args.owner .. " steals " .. call.key .. ": " .. args.reason)
        return "OK " .. grant(self, call, args.owner, args.ttl_ms, 0)
      end,
    },
    who = {
      access = "read",
      summary = "HOLDERS and their number, then a line for each, 500 at most, the first to end first: token, remaining_ms, owner",
      run = function(self, args, call)
        local now = call.monotonicMs
        local holders = holderCount(self, now)
        local lines = {}
        if self.tokens and holders > 0 then
          for _, entry in ipairs(object.ordered(self, "order"):range(-holders, math.min(-1, MOST_LISTED - holders - 1))) do
            local token, ends = entry[1], entry[2]
            lines[#lines + 1] = "\r\n" .. token .. " " .. left(ends, now) .. " " .. self.owners[token]
          end
        elseif holders > 0 then
          lines[1] = "\r\n" .. self.token .. " " .. left(self.ends, now) .. " " .. self.owner
        end
        return "HOLDERS " .. holders .. table.concat(lines)
      end,
    },
  },
}
