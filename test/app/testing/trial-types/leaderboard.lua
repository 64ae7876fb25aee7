-- A leaderboard: the highest score is first, and of equal scores the one that was reached first.

local function scores(self) return object.ordered(self, "scores") end

return {
  name = "leaderboard",
  methods = {
    put = {
      access = "upsert",
      parameters = { { name = "player", type = "string" }, { name = "score", type = "number" } },
      run = function(self, args)
        local board = scores(self)
        if board:get(args.player) ~= -args.score then board:set(args.player, -args.score) end
        return board:rank(args.player)
      end,
    },
    rank = {
      access = "read",
      parameters = { { name = "player", type = "string" } },
      run = function(self, args) return scores(self):rank(args.player) end,
    },
    top = {
      access = "read",
      parameters = { { name = "n", type = "integer", minimum = 1, maximum = 1000, default = 10 } },
      run = function(self, args) return scores(self):members(1, args.n) end,
    },
  },
}
