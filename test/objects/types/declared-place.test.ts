// The line of a part of a definition, found in the text of its file.

import { describe, expect, test } from 'vitest';
import { lineOfDeclaration } from '../../../src/objects/types/declared-place.js';
import { checkManifest } from '../../../src/objects/types/manifest.js';

const LUA = `-- methods = { pour = { access = "none" } }
local names = { name = "other" }
local function help(a)
  if a then return { access = "read" } end
end
return {
  name = "leaky",
  methods = {
    pour = {
      access = "upsert",
      parameters = {
        { name = "size", type = "integr" },
        { name = "rate", type = "number",
          minimum = 1 },
      },
      run = function(self, args)
        local t = { access = 1, type = 2 }
        for i = 1, 2 do if t then t.access = i end end
        return t
      end,
    },
    ["drain"] = { access = "wrte", parameters = { size = { type = "integer" } } },
  },
}
`;

const TYPESCRIPT = `import { defineType, method } from 'cacheismo';
const other = { access: 'read' };
/* name: 'x' */
export default defineType({
  name: 'wIsh',
  methods: {
    add: method({
      access: 'upsert',
      parameters: { text: { type: 'string' } },
      run(self, { text }) {
        const made = { access: 'x', name: \`a
{\` };
        return made.access === text ? { type: 'y' } : undefined;
      },
    }),
    'take': { access: 'wrte',
      parameters: {
        n: { type: 'integr' } } },
  },
});
`;

type Place = [path: string, line: number, value?: string];

const LUA_PLACES: Place[] = [
  ['name', 7, 'leaky'],
  ['methods.pour', 9],
  ['methods.pour.access', 10],
  ['methods.pour.parameters.size.type', 12],
  ['methods.pour.parameters.rate.minimum', 14],
  ['methods.drain.access', 22],
  ['methods.drain.parameters.size.type', 22],
];
const TYPESCRIPT_PLACES: Place[] = [
  ['name', 5],
  ['methods.add', 7],
  ['methods.add.access', 8],
  ['methods.take.access', 16],
  ['methods.take.parameters.n.type', 18],
];

describe.each([
  ['lua', LUA, LUA_PLACES],
  ['typescript', TYPESCRIPT, TYPESCRIPT_PLACES],
] as const)('in %s', (language, text, places) => {
  test.each([...places])('%s is found at line %d', (path, line, value) => {
    expect(lineOfDeclaration({ language, text }, { path: path.split('.'), value })).toBe(line);
  });

  test('what is not declared has the line of the part that should contain it', () => {
    const [path, line] = places[1];
    expect(lineOfDeclaration({ language, text }, { path: [...path.split('.'), 'run', 'missing'] })).not.toBe(undefined);
    expect(lineOfDeclaration({ language, text }, { path: [...path.split('.'), 'missing'] })).toBe(line);
    expect(lineOfDeclaration({ language, text }, { path: ['summary'] })).toBe(undefined);
  });
});

test('a place that could be one of two has no line, unless one of them has the wrong value', () => {
  const text = 'local a = { name = "a" }\nlocal b = { name = "B" }\nreturn b';
  const source = { language: 'lua', text } as const;
  expect(lineOfDeclaration(source, { path: ['name'] })).toBe(undefined);
  expect(lineOfDeclaration(source, { path: ['name'], value: 'B' })).toBe(2);
});

test('a refused definition has the line of its first mistake, and the lines of the others', () => {
  const definition = {
    name: 'leaky',
    methods: {
      pour: { access: 'upsert', parameters: { size: { type: 'integr' } } },
      drain: { access: 'wrte' },
    },
  };
  expect(() => checkManifest('scripts/leaky.lua', definition, [], { language: 'lua', text: LUA })).toThrow(
    new RegExp(
      "^scripts/leaky\\.lua:12: methods\\.pour\\.parameters\\.size\\.type must be one of .*, not 'integr': did you mean integer\\?; " +
        "methods\\.drain\\.access must be one of .*, not 'wrte': did you mean write\\? \\(line 22\\)$",
    ),
  );
});
