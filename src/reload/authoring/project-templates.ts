// The files that `cacheismo init` writes in addition to those of `cacheismo new`: settings of editors and of npm, and a type in each language
// with its dialogue.

export const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2022",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["plugins"]
}
`;

export const GITIGNORE = 'node_modules/\n';

/** For lua-language-server. */
export const LUARC = `{
  "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
  "runtime.version": "Lua 5.3",
  "runtime.path": ["scripts/lib/?.lua"],
  "workspace.library": ["node_modules/cacheismo/schemas"],
  "workspace.checkThirdParty": false
}
`;

/** What a package of types needs; what a package.json has is kept. */
export function packageFields(version: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    scripts: {
      start: 'cacheismo',
      check: 'cacheismo check scripts plugins && tsc',
      test: 'cacheismo test && node --test',
    },
    dependencies: { cacheismo: `^${version}` },
    devDependencies: { typescript: '^5.9.3' },
  };
}

export const VISITS_LUA = `-- visits: how often each page was visited. Saved here, it is live immediately: get visits:add:today:/

return {
  name = "visits",
  summary = "visits by page",
  methods = {
    add = {
      access = "upsert",
      summary = "counts a visit; returns the visits of the page",
      parameters = { { name = "page", type = "string", minLength = 1 } },
      run = function(self, args, call)
        if call.isNew then call.expire(86400) end
        self[args.page] = (self[args.page] or 0) + 1
        return self[args.page]
      end,
    },
  },
}
`;

export const VISITS_DIALOGUE = `# Run by: cacheismo test. Lines after > are sent, the others are the replies.
> get visits:add:today:/
VALUE visits:add:today:/ 0 1
1
END
> get visits:add:today:/ visits:add:today:https://example.com/
VALUE visits:add:today:/ 0 1
2
VALUE visits:add:today:https://example.com/ 0 1
1
END

# The object expires a day after its first visit.
# wait 24h
> get visits:add:today:/
VALUE visits:add:today:/ 0 1
1
END
`;

export const CRATE_TS = `// crate: how many are left. Saved here, it is live immediately: get crate:new:pears:3, get crate:take:pears:2

import { defineType, method } from 'cacheismo';

export default defineType<{ left: number }>()({
  name: 'crate',
  summary: 'a number of things that can be taken',
  methods: {
    new: method({
      access: 'create',
      summary: 'sets how many there are',
      parameters: { count: { type: 'integer', minimum: 0 } },
      run: (self, { count }) => (self.set('left', count), 'CREATED'),
    }),
    take: method({
      access: 'write',
      summary: 'takes some, or none if fewer are left; returns the rest',
      parameters: { count: { type: 'integer', minimum: 1, default: 1 } },
      run(self, { count }, call) {
        const left = self.get('left') ?? 0;
        if (left < count) call.refuse(\`only \${left} left\`);
        self.set('left', left - count);
        return left - count;
      },
    }),
  },
});
`;

export const CRATE_DIALOGUE = `# Run by: cacheismo test. Lines after > are sent, the others are the replies.
> get crate:new:pears:3
VALUE crate:new:pears:3 0 7
CREATED
END
> get crate:take:pears:2
VALUE crate:take:pears:2 0 1
1
END
> get crate:take:pears:2
CLIENT_ERROR crate:take: only 1 left
> get crate:take:apples
END
`;
