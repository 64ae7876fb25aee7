// What the compiler reports to authors of TypeScript types: mistakes are errors, and correct types have none. Each case is compiled.

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const inMethod = (run: string, parameters = '') =>
  `export default defineType({ name: 't', methods: { m: method({ access: 'write', ${parameters} ${run} }) } });`;
const inTyped = (body: string) =>
  `export default defineType<{ left: number; names: { a: string }; songs: string[] }>({ name: 't', methods: { m: method({ access: 'write', run(self) { ${body} } }) } });`;

const inSet = (body: string) =>
  `export default defineType<{ left: number }, { readonly rate: number; readonly tags: string[] }>({ name: 't', config: { rate: { type: 'number', default: 1 }, tags: { type: 'array', default: [] } }, methods: { m: method({ access: 'write', run(_self, _args, call) { ${body} } }) } });`;

const CASES: Readonly<Record<string, readonly [text: string, isRight: boolean]>> = {
  'an interface as a result': [
    `interface Row { id: number; note: string | null }\n${inMethod('run(): Row { return { id: 1, note: null }; }')}`,
    true,
  ],
  'null inside a result': [inMethod('run: () => ({ a: null, b: [null] })'), true],
  'an async method': [inMethod('async run() { return 1; }'), false],
  'a function as a result': [inMethod('run: () => () => 1'), false],
  'a mistyped word of a type': ["export default defineType({ name: 't', versoin: 2, methods: {} });", false],
  'a mistyped word of a method': [inMethod('sumary: "x", run: () => 1'), false],
  'a mistyped word of a parameter': [
    inMethod('run: () => 1', "parameters: { n: { type: 'integer', minimun: 1 } },"),
    false,
  ],
  'a default of another type': [
    inMethod('run: () => 1', "parameters: { n: { type: 'integer', default: 'x' } },"),
    false,
  ],
  'a default of the type': [
    inMethod('run: (_self, { n }) => n + 1', "parameters: { n: { type: 'integer', default: 3, minimum: 1 } },"),
    true,
  ],
  'an argument that is not a parameter': [
    inMethod('run: (_self, args) => args.nope', "parameters: { n: { type: 'integer' } },"),
    false,
  ],
  'an argument of a method without parameters': [inMethod('run: (_self, args) => args.nope'), false],
  'a field of a typed content': [
    inTyped("const left: number | undefined = self.get('left'); self.set('left', 1); return left ?? null;"),
    true,
  ],
  'a table in a typed content': [
    inTyped("const a: string | undefined = self.child('names').get('a'); return a;"),
    true,
  ],
  'a byte array in a typed content': [
    inTyped(
      "const n: number = self.bytes('bits', 8).getU8(0); self.bytes('bits').setU8(0, n); return self.bytes('bits');",
    ),
    true,
  ],
  'a text as a number of a byte array': [inMethod("run: (self) => self.bytes('bits').setU8(0, 'x')"), false],
  'a list and a number in a typed content': [
    inTyped(
      "const songs = self.child('songs'); const count: number = songs.push('a', 'b'); const song: string | undefined = songs.shift(); songs.splice(1, 0, 'c'); return self.add('left', count + songs.length + (song?.length ?? 0));",
    ),
    true,
  ],
  'an element of another type': [inTyped("return self.child('songs').push(1);"), false],
  'a number added to a text': [inTyped("return self.child('names').add('a', 1);"), false],
  'a field that the content does not have': [inTyped("return self.get('right');"), false],
  'a value of another type for a field': [inTyped("self.set('left', 'x'); return 1;"), false],
  'an object opened for upsert, which is always there': [
    inMethod("run(_self, _args, call) { call.open('t', 'k', 'upsert').set('n', 1); return call.remove('t', 'k'); }"),
    true,
  ],
  'an object opened to read, which may be missing': [
    inMethod("run(_self, _args, call) { return call.open('t', 'k', 'read').get('n'); }"),
    false,
  ],
  'the result of another method, which is a plain value': [
    inMethod("run(_self, _args, call) { return call.invoke('t', 'm', 'k', { n: 1 }) ?? [call.value('v') ?? null]; }"),
    true,
  ],
  'a removal with a type and no key': [inMethod("run: (_self, _args, call) => call.remove('t')"), false],
  'a setting of a typed configuration': [inSet('const rate: number = call.config.rate; return rate;'), true],
  'a setting that the configuration does not have': [inSet('return call.config.rat as number;'), false],
  'a setting of another type than declared': [
    "export default defineType<{ left: number }, { rate: string }>({ name: 't', config: { rate: { type: 'number' } }, methods: {} });",
    false,
  ],
  'a typed configuration that is not declared': [
    "export default defineType<{ left: number }, { rate: number }>({ name: 't', methods: {} });",
    false,
  ],
  'a change of a setting': [inSet('call.config.rate = 2; return 1;'), false],
  'any setting where no type is given': [
    "export default defineType({ name: 't', config: { rate: { type: 'number', default: 1 } }, methods: { m: method({ access: 'read', run: (_self, _args, call) => call.config.rate as number }) } });",
    true,
  ],
  'a mistyped word of a setting': [
    "export default defineType({ name: 't', config: { rate: { type: 'number', defualt: 1 } }, methods: {} });",
    false,
  ],
  'any field where no content is given': [
    inMethod("run(self) { const x = self.get('any') as number; self.set('b', [1, { c: 2 }]); return x; }"),
    true,
  ],
};

test('the compiler reports mistakes in a type, and accepts a correct one', () => {
  const texts = new Map(
    Object.values(CASES).map(([text], index) => [
      `${ROOT}plugins/case${index}.ts`,
      `import { defineType, method } from 'cacheismo';\n${text}\n`,
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    baseUrl: ROOT,
    paths: { cacheismo: ['src/objects/types/object-type.ts'] },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const program = ts.createProgram([...texts.keys()], options, host);
  const found = [...texts.keys()].map((path) => {
    const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(path));
    return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')).join('; ');
  });
  const names = Object.keys(CASES);
  expect(
    found.map((errors, index) => [names[index], errors === '' ? true : CASES[names[index]]?.[1] ? errors : false]),
  ).toEqual(names.map((name) => [name, CASES[name]?.[1]]));
});
