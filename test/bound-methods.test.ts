// The transform that binds the methods of per-thread singletons, and the rules for the classes that ask for it.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bindMethods } from '../.bound-methods.mjs';
import { Hash } from '../src/store/hash.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const sources = new Map(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [`src/${path}`, readFileSync(join(ROOT, 'src', path), 'utf8')]),
);

const tagged = [...sources.values()].flatMap((text) =>
  [...text.matchAll(/@perThread(?: \*\/|\n \*\/)\nexport class (\w+)/g)].map((match) => match[1]),
);

/** Classes of which a thread has a second instance, with the reason why that is harmless. */
const SECOND: Readonly<Record<string, string>> = {
  Arena: 'a program either creates the arena or attaches to it',
  Budget: 'one for calls, one for loading scripts',
  MethodCells: 'a registry of names only, as the main thread has it, counts nothing',
};

/** The files of a program, from its entry on. */
function filesOf(entry: string): Set<string> {
  const files = new Set<string>();
  const visit = (path: string): void => {
    const text = sources.get(path);
    if (text === undefined || files.has(path)) return;
    files.add(path);
    const imports = /^\s*(?:import|export)\b(?! type\b)[^'";]*?\bfrom\s*'(\.[^']+)\.js'/gm;
    for (const [, target] of text.matchAll(imports)) visit(normalize(join(dirname(path), `${target}.ts`)));
  };
  visit(entry);
  return files;
}

describe('the transform', () => {
  test('turns methods into arrow functions, in TypeScript too', () => {
    const code = '/** @perThread */\nexport class A { add<T>(x: T): T { return x; } #one() { return this; } }';
    expect(bindMethods(code, 'a.ts').toString()).toContain(
      '{ add = <T>(x: T): T => { return x; }; #one = () => { return this; }; }',
    );
  });

  test('leaves getters, static, async and generator methods alone', () => {
    const body = '{ get a() { return 1; } static b() {} async c() {} *d() {} constructor() {} }';
    expect(bindMethods(`/** @perThread */\nclass A ${body}`, 'a.js').toString()).toContain(body);
  });

  test('leaves classes without the tag alone, even next to one with it', () => {
    const other = 'class B { b() {} }';
    const code = `/** @perThread */\nclass A { a() {} }\n${other}`;
    expect(bindMethods(code, 'a.js').toString()).toContain(other);
  });

  test('refuses the tag at anything but a class', () => {
    expect(() => bindMethods('/** @perThread */\nconst a = 1;', 'a.js')).toThrow('a.js: @perThread is for classes');
  });

  test('has been applied to the classes that the tests import', () => {
    expect(Object.getOwnPropertyNames(Hash.prototype)).toEqual(['constructor']);
  });
});

describe('a class with bound methods', () => {
  test('exists: the tag is found in the source', () => {
    const places = [...sources.values()].flatMap((text) => [...text.matchAll(/@perThread/g)]);
    expect(tagged.length).toBe(places.length);
    expect(new Set(tagged).size).toBe(tagged.length);
  });

  test('is never extended', () => {
    const all = [...sources.values()].join('\n');
    expect(tagged.filter((name) => new RegExp(`\\bextends ${name}\\b`).test(all))).toEqual([]);
  });

  test.each(['src/app/threads/data-thread.ts', 'src/app/wiring.ts'])(
    'is constructed in one place of the program that starts with %s',
    (entry) => {
      const files = [...filesOf(entry)].map((path) => sources.get(path)).join('\n');
      const twice = tagged.filter((name) => (files.match(new RegExp(`\\bnew ${name}\\(`, 'g')) ?? []).length > 1);
      expect(twice.filter((name) => !(name in SECOND))).toEqual([]);
    },
  );
});
