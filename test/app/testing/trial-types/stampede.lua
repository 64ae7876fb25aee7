-- A value that one client computes while the others wait or take the old one.

return {
  name = "stampede",
  methods = {
    fetch = {
      access = "upsert",
      parameters = { { name = "lease", type = "integer", minimum = 1, default = 10000 } },
      run = function(self, args, call)
        local now = call.monotonicMs
        if self.value and now < self.fresh then return "HIT " .. self.value end
        if not self.lease or now >= self.lease then
          self.lease, self.token = now + args.lease, call.sequence()
          return "WIN " .. self.token
        end
        if self.value then return "STALE " .. self.value end
        return "WAIT " .. math.ceil(self.lease - now)
      end,
    },
    put = {
      access = "write",
      parameters = {
        { name = "token", type = "integer" }, { name = "fresh", type = "integer", minimum = 0 }, { name = "value", type = "string" },
      },
      run = function(self, args, call)
        if self.token ~= args.token then return "VOID" end
        self.value, self.fresh, self.lease, self.token = args.value, call.monotonicMs + args.fresh, nil, nil
        return "STORED"
      end,
    },
  },
}
