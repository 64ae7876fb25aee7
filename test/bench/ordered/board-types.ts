// The type that is measured, a leaderboard of one ordered index, in both languages.

import { TypeFolder } from '../host/type-folder.js';

const SCRIPT = `
return {
  name = "board",
  methods = {
    new = { access = "create", run = function(self) object.ordered(self, "scores") return "CREATED" end },
    put = {
      access = "write",
      parameters = { { name = "member", type = "string" }, { name = "score", type = "number" } },
      run = function(self, args) self.scores:set(args.member, args.score) return "SUCCESS" end,
    },
    rank = {
      access = "read",
      parameters = { { name = "member", type = "string" } },
      run = function(self, args) return self.scores:rank(args.member, "descending") end,
    },
    top = { access = "read", run = function(self) return self.scores:join(1, 10, "descending", "\\n") end },
  },
}
`;

const PLUGIN = `
import { defineType, method } from 'cacheismo';

export default defineType({
  name: 'board',
  methods: {
    new: method({ access: 'create', run: (self) => (self.ordered('scores'), 'CREATED') }),
    put: method({
      access: 'write',
      parameters: { member: { type: 'string' }, score: { type: 'number' } },
      run: (self, { member, score }) => (self.ordered('scores').set(member, score), 'SUCCESS'),
    }),
    rank: method({
      access: 'read',
      parameters: { member: { type: 'string' } },
      run: (self, { member }) => self.ordered('scores').rank(member, 'descending'),
    }),
    top: method({ access: 'read', run: (self) => self.ordered('scores').join(1, 10, 'descending', '\\n') }),
  },
});
`;

/** A directory with the type in one language. */
export function boardType(language: 'Lua' | 'TypeScript'): TypeFolder {
  return language === 'Lua' ? new TypeFolder('board.lua', SCRIPT) : new TypeFolder('board.ts', PLUGIN);
}
