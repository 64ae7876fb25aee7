-- Sessions: fields of a user, which end when they were not used for `idle` seconds. Two requests change different fields without a lock.

return {
  name = "sessions",
  methods = {
    patch = {
      access = "upsert",
      summary = "sets the fields of a JSON object, and deletes those that are null",
      parameters = { { name = "fields", type = "object" }, { name = "idle", type = "integer", minimum = 1, default = 1800 } },
      run = function(self, args, call)
        for name, value in pairs(args.fields) do
          if value == json.null then self[name] = nil else self[name] = value end
        end
        call.expire(args.idle)
        return self
      end,
    },
    take = {
      access = "write",
      summary = "a field, which is then deleted",
      parameters = { { name = "field", type = "string" } },
      run = function(self, args)
        local value = self[args.field]
        self[args.field] = nil
        return value
      end,
    },
  },
}
