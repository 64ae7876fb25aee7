// The type that is measured, a leaderboard of one ordered index, in both languages.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
export class BoardType implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cacheismo-ordered-'));

  constructor(language: 'Lua' | 'TypeScript') {
    if (language === 'Lua') writeFileSync(join(this.#folder, 'board.lua'), SCRIPT);
    else writeFileSync(join(this.#folder, 'board.ts'), PLUGIN);
  }

  get flags(): readonly string[] {
    return ['--scripts', this.#folder, '--plugins', this.#folder];
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
