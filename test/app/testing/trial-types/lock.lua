-- A lock with a token that rises with each holder, also over the end of the object: a resource can refuse the token of an earlier one.

local function holds(self, owner, call)
  return self.owner == owner and call.monotonicMs < self.ends
end

return {
  name = "lock",
  methods = {
    acquire = {
      access = "upsert",
      parameters = { { name = "owner", type = "string" }, { name = "ms", type = "integer", minimum = 1 } },
      run = function(self, args, call)
        local now = call.monotonicMs
        if holds(self, args.owner, call) then return "OK " .. self.token end
        if self.owner and now < self.ends then return "HELD " .. math.ceil(self.ends - now) end
        self.owner, self.ends, self.token = args.owner, now + args.ms, call.sequence()
        call.expire(math.ceil(args.ms / 1000) + 1)
        return "OK " .. self.token
      end,
    },
    release = {
      access = "write",
      parameters = { { name = "owner", type = "string" } },
      run = function(self, args, call)
        if not holds(self, args.owner, call) then return "LOST" end
        self.owner = nil
        return "OK"
      end,
    },
  },
}
