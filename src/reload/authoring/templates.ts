// The files that `cacheismo new` writes: a counter of names, in either language, its dialogue, and a unit test.

export function typescriptTemplate(name: string): string {
  return `// ${name}: points by name. Saved here, it is live immediately: get ${name}:new:today, get ${name}:add:today:ann:5

import { defineType, method } from 'cacheismo';

export default defineType<Record<string, number>>()({
  name: '${name}',
  summary: 'points by name',
  methods: {
    new: method({ access: 'create', summary: 'makes an empty table', run: () => 'CREATED' }),
    add: method({
      access: 'write',
      summary: 'adds points to a name; returns the sum',
      parameters: { who: { type: 'string', minLength: 1 }, points: { type: 'integer', default: 1 } },
      run(self, { who, points }) {
        const sum = (self.get(who) ?? 0) + points;
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

/** What `cacheismo test` runs. */
export function dialogueTemplate(name: string): string {
  return `# Run by: cacheismo test. Lines after > are sent, the others are the replies.
> get ${name}:new:today
VALUE ${name}:new:today 0 7
CREATED
END
> get ${name}:add:today:ann ${name}:add:today:ann:4
VALUE ${name}:add:today:ann 0 1
1
VALUE ${name}:add:today:ann:4 0 1
5
END
> get ${name}:get:today:bob
END
> get ${name}:add:today:ann:many
CLIENT_ERROR ${name}:add: points must be a whole number in decimal digits

# A minute later. Objects without an expiry time stay.
# wait 1m
> get ${name}:get:today:ann
VALUE ${name}:get:today:ann 0 1
5
END
`;
}

/** Plain JavaScript, so that it runs with nothing but Node: `node --test`. */
export function testTemplate(name: string, file: string): string {
  return `// Tests ${name} without a server: node --test

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestCache } from 'cacheismo/testing';

const types = [new URL('${file}', import.meta.url).href];

test('points add up', async () => {
  const cache = await createTestCache({ types });
  assert.equal(await cache.call('${name}:new:today'), 'CREATED');
  assert.equal(await cache.call('${name}:add:today:ann'), '1');
  assert.equal(await cache.call('${name}:add:today:ann:4'), '5');
  assert.equal(await cache.call('${name}:get:today:bob'), undefined);
  assert.deepEqual(cache.object('${name}', 'today'), { ann: 5 });
  await assert.rejects(cache.call('${name}:add:today'), /who is required/);
  cache.close();
});

test('a call that is ended early changes nothing', async () => {
  const cache = await createTestCache({ types });
  await cache.call('${name}:new:today');
  const { value } = await cache.killAtEachStep('${name}:add:today:ann:5');
  assert.equal(value, '5');
  cache.close();
});
`;
}
