// The files that `cacheismo new` writes: a counter of names, in either language, and a test that calls it on a running server.

export function typescriptTemplate(name: string): string {
  return `// ${name}: points by name. Saved here, it is live immediately: get ${name}:new:today, get ${name}:add:today:ann:5

import { defineType, method } from 'cacheismo';

export default defineType({
  name: '${name}',
  summary: 'points by name',
  methods: {
    new: method({ access: 'create', summary: 'makes an empty table', run: () => 'CREATED' }),
    add: method({
      access: 'write',
      summary: 'adds points to a name; returns the sum',
      parameters: { who: { type: 'string', minLength: 1 }, points: { type: 'integer', default: 1 } },
      run(self, { who, points }) {
        const sum = ((self.get(who) as number | undefined) ?? 0) + points;
        self.set(who, sum);
        return sum;
      },
    }),
    get: method({
      access: 'read',
      summary: 'the points of a name',
      parameters: { who: { type: 'string' } },
      run: (self, { who }) => self.get(who),
    }),
  },
});
`;
}

export function luaTemplate(name: string): string {
  return `-- ${name}: points by name. Saved here, it is live immediately: get ${name}:new:today, get ${name}:add:today:ann:5

return {
  name = "${name}",
  summary = "points by name",
  methods = {
    new = {
      access = "create",
      summary = "makes an empty table",
      run = function(self)
        return "CREATED"
      end,
    },
    add = {
      access = "write",
      summary = "adds points to a name; returns the sum",
      parameters = {
        { name = "who", type = "string", minLength = 1 },
        { name = "points", type = "integer", default = 1 },
      },
      run = function(self, args)
        local sum = (self[args.who] or 0) + args.points
        self[args.who] = sum
        return sum
      end,
    },
    get = {
      access = "read",
      summary = "the points of a name",
      parameters = { { name = "who", type = "string" } },
      run = function(self, args)
        return self[args.who]
      end,
    },
  },
}
`;
}

/** Plain JavaScript, so that it runs with nothing but Node: `node --test`. */
export function testTemplate(name: string): string {
  return `// Calls ${name} on a running server: node --test ${name}.test.mjs (PORT, 11211 unless set)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callMethod } from 'cacheismo/client';

const port = Number(process.env.PORT ?? 11211);
const get = async (key) => (await callMethod(key, { port })).value;

test('points add up', async () => {
  const key = \`test-\${process.pid}\`;
  assert.equal(await get(\`${name}:new:\${key}\`), 'CREATED');
  assert.equal(await get(\`${name}:add:\${key}:ann\`), '1');
  assert.equal(await get(\`${name}:add:\${key}:ann:4\`), '5');
  assert.equal(await get(\`${name}:get:\${key}:ann\`), '5');
  assert.equal(await get(\`${name}:get:\${key}:bob\`), undefined);
});
`;
}
