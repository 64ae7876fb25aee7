// Checks of the source itself: import directions, sizes, opening comments, and things that must not be in the repository.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_SOURCE_LINES = 300;

/** The import directions: each folder of src, and the folders that it may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  arena: ['base'],
  store: ['base', 'arena'],
  tables: ['base', 'arena', 'store'],
  'memory-file': ['base', 'arena'],
  objects: ['base', 'arena', 'store', 'tables'],
  languages: ['base', 'tables', 'objects'],
  client: [],
  dashboard: [],
  reload: ['base', 'tables', 'objects', 'languages'],
  operations: ['base', 'arena', 'store', 'objects'],
  security: ['base', 'operations'],
  protocols: ['base', 'operations', 'security'],
  transport: ['base', 'protocols'],
  app: [
    'base',
    'client',
    'arena',
    'store',
    'tables',
    'memory-file',
    'objects',
    'languages',
    'reload',
    'operations',
    'security',
    'protocols',
    'transport',
  ],
};

const TOP_LEVEL = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'src',
  'plugins',
  'scripts',
  'schemas',
  'test',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];

/** Folders of tests that belong to no folder of src. */
const OUTSIDE_TESTS = ['bench', 'conformance', 'fuzz', 'plugins', 'soak'];

/** The modules that users of the package import. */
const PACKAGE_ENTRIES = ['src/objects/types/object-type.ts', 'src/client/client.ts', 'src/app/testing/testing.ts'];

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Generated files, which are not checked in. */
const IGNORED = /^(\.git|node_modules|dist|coverage)(\/|$)|\.(log|cpuprofile|heapprofile)$/;

const paths = listFiles('');

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED.test(path)) return [];
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function filesUnder(folders: readonly string[], endings: readonly string[]): SourceFile[] {
  return paths
    .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

const sources = filesUnder(['src'], ['.ts']);
const plugins = filesUnder(['plugins'], ['.ts']);
const scripts = filesUnder(['scripts'], ['.lua']);
const tests = filesUnder(['test'], ['.ts', '.lua', '.py']);
const everything = [...sources, ...plugins, ...scripts, ...tests];

function importsOf({ text }: SourceFile): string[] {
  const pattern = /^\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3]);
}

/** The files of src that this one imports, including those of which it imports only types. */
function filesImportedBy({ path, text }: SourceFile): string[] {
  const pattern = /^\s*(?:import|export)\b[^'";]*?\bfrom\s*'(\.[^']+)'/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const target = normalize(join(dirname(path), match[1]));
    return target.replace(/\.js$/, '.ts');
  });
}

/** `path name` of each name that a file imports, or may use of a module that it loads at run time. */
function importedNamesOf({ path, text }: SourceFile): string[] {
  const pathOf = (target: string) => normalize(join(dirname(path), target)).replace(/\.js$/, '.ts');
  const pattern = /^\s*(?:import|export)\b([^'";]*?)\bfrom\s*'([^']+)'/gm;
  const taken = [...text.matchAll(pattern)].map(([, names, target]) => ({ names, target }));
  const loaded = [...text.matchAll(/\bimport\(\s*'([^']+)'/g)].map(([, target]) => ({ names: text, target }));
  return [...taken, ...loaded].flatMap(({ names, target }) =>
    (names.match(/\w+/g) ?? []).map((name) => `${pathOf(target)} ${name}`),
  );
}

/** The build uses modules of dist, and generates some that import others. */
function namesOfTheBuild({ text }: SourceFile): string[] {
  return [...text.matchAll(/'\.\/dist\/([^']+)\.js'/g)].flatMap(([, target]) =>
    (text.match(/\w+/g) ?? []).map((name) => `src/${target}.ts ${name}`),
  );
}

function exportedNamesOf({ text }: SourceFile): string[] {
  const declared = /^export (?:declare |abstract |async )*(?:class|function\*?|const|let|interface|type|enum) (\w+)/gm;
  const listed = /^export (?:type )?\{([^}]*)\}/gm;
  return [
    ...[...text.matchAll(declared)].map((match) => match[1]),
    ...[...text.matchAll(listed)].flatMap((match) => match[1].match(/\w+(?=\s*(?:,|$))/g) ?? []),
  ];
}

function folderOf(path: string): string {
  return path.split('/')[1];
}

/** Lines of the form `path: what is wrong`, so that a failure names its places. */
function complaints(files: readonly SourceFile[], check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((complaint) => `${file.path}: ${complaint}`));
}

function matching(files: readonly SourceFile[], pattern: RegExp): string[] {
  return complaints(files, ({ text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`line ${index + 1}: ${line.trim()}`] : [])),
  );
}

describe('import directions', () => {
  test('folders of src import only the folders below them', () => {
    const wrong = complaints(sources, (file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => normalize(join(dirname(file.path), target)))
        .filter((target) => {
          const from = folderOf(file.path);
          const to = folderOf(target);
          return !target.startsWith('src/') || (from !== to && !MAY_IMPORT[from]?.includes(to));
        })
        .map((target) => `must not import ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('src has the known folders only', () => {
    expect(sources.map(({ path }) => folderOf(path)).filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });

  test('files of src do not import each other in a cycle', () => {
    const imports = new Map(sources.map((file) => [file.path, filesImportedBy(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
      if (done.has(path) || way.includes(path)) return;
      for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of imports.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  test('every export of src is imported by another file, or belongs to the package', () => {
    const files = [...sources, ...plugins, ...tests.filter(({ path }) => path.endsWith('.ts'))];
    const build = topLevelFiles().filter(({ path }) => path.endsWith('.mjs'));
    const used = new Set([...files.flatMap(importedNamesOf), ...build.flatMap(namesOfTheBuild)]);
    const unused = complaints(
      sources.filter(({ path }) => !PACKAGE_ENTRIES.includes(path)),
      (file) => exportedNamesOf(file).filter((name) => !used.has(`${file.path} ${name}`)),
    );
    expect(unused).toEqual([]);
  });

  test('no two files of src have the same name', () => {
    const names = sources.map(({ path }) => basename(path));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('only the application knows the container', () => {
    const users = sources.filter((file) =>
      importsOf(file).some((target) => /^(tsyringe|reflect-metadata)/.test(target)),
    );
    expect(users.filter(({ path }) => folderOf(path) !== 'app').map(({ path }) => path)).toEqual([]);
  });

  test('plugins import the interface of object types and modules of plugins/lib only', () => {
    const isModule = ({ path }: SourceFile, target: string) =>
      /^plugins\/lib\/[\w-]+\.js$/.test(normalize(join(dirname(path), target)));
    const wrong = complaints(plugins, (file) =>
      importsOf(file).filter((target) => target !== 'cacheismo' && !isModule(file, target)),
    );
    expect(wrong).toEqual([]);
  });

  test('scripts load nothing', () => {
    expect(matching(scripts, /\b(require|dofile|loadfile|package)\b\s*[("'.]/)).toEqual([]);
  });
});

test('folders of tests have the names of folders of src, except those of types and those that test the server from outside', () => {
  const foldersOf = (files: readonly SourceFile[]) =>
    new Set(files.map(({ path }) => path.split('/').slice(1, -1)[0]).filter((folder) => folder !== undefined));
  const inSource = foldersOf(sources);
  expect([...foldersOf(tests)].filter((folder) => !inSource.has(folder) && !OUTSIDE_TESTS.includes(folder))).toEqual(
    [],
  );
});

describe('each file', () => {
  test('opens with a comment on its job', () => {
    const wrong = everything.filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*|--|#|""")/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('names only files that exist in that comment', () => {
    const known = new Set(paths.map((path) => basename(path)));
    const wrong = complaints(everything, ({ text }) => {
      const head = /^(?:(?:\/\/|--).*\n)+/.exec(text)?.[0] ?? '';
      const named = head.match(/(?:(?<=\s)\.)?[\w-]+(?:\.test)?\.(?:ts|lua|mjs)\b(?!\()/g) ?? [];
      return named.filter((name) => !known.has(name) && !known.has(`.${name}`));
    });
    expect(wrong).toEqual([]);
  });

  test(`of the source has at most ${MAX_SOURCE_LINES} lines`, () => {
    const long = [...sources, ...plugins].filter(({ text }) => text.split('\n').length - 1 > MAX_SOURCE_LINES);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([]);
  });

  test('keeps the types strict, and the linter on except for the format of tables', () => {
    const forbidden =
      /^(?!\s*(\/\/|\*)).*(:\s*any\b|\bas any\b|<any\b)|@ts-(ignore|expect-error|nocheck)|biome-ignore (?!format: )/;
    const code = everything.filter(({ path }) => path !== 'test/tidy.test.ts' && path.endsWith('.ts'));
    expect(matching(code, forbidden)).toEqual([]);
  });

  test('leaves nothing for later', () => {
    const others = everything.filter(({ path }) => path !== 'test/tidy.test.ts');
    expect(matching(others, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  test('runs all of its tests', () => {
    const others = tests.filter(({ path }) => path !== 'test/tidy.test.ts');
    expect(matching(others, /\b(test|it|describe)\.(only|todo|skip)\(/)).toEqual([]);
  });

  test('contains no path of a particular machine', () => {
    const others = [...everything, ...filesUnder(['schemas', '.ci'], ['']), ...topLevelFiles()];
    const wrong = matching(
      others.filter(({ path }) => path !== 'test/tidy.test.ts' && path !== 'package-lock.json'),
      /(^|[\s'"`(=:])\/(home|root|work|Users|mnt|srv|opt)\//,
    );
    expect(wrong).toEqual([]);
  });
});

test('the top level holds the known entries only', () => {
  const entries = new Set(paths.map((path) => path.split('/')[0]));
  expect([...entries].filter((entry) => !entry.startsWith('.') && !TOP_LEVEL.includes(entry))).toEqual([]);
});

describe('the table of promises in test/README.md', () => {
  const guide = readFileSync(join(ROOT, 'test/README.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, number, rest]) => ({
    number: Number(number),
    test: rest.split(' | ')[2] ?? '',
  }));

  test('has each number once, in order, with a test or a note that it is missing', () => {
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
    const untold = rows.filter(({ test }) => !/^`test\/\S+\.ts` "|^to come with \w+$|^not yet$/.test(test));
    expect(untold).toEqual([]);
  });

  test('names files and tests that exist', () => {
    const missing = rows.flatMap(({ number, test: cell }) =>
      cell
        .split('; ')
        .filter((part) => part.startsWith('`'))
        .flatMap((part) => {
          const path = /^`([^`]+)`/.exec(part)?.[1] as string;
          const text = tests.find((file) => file.path === path)?.text;
          if (text === undefined) return [`row ${number}: there is no ${path}`];
          const names = [...part.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
          return names.filter((name) => !text.includes(name)).map((name) => `row ${number}: no "${name}" in ${path}`);
        }),
    );
    expect(missing).toEqual([]);
  });
});

function topLevelFiles(): SourceFile[] {
  return paths
    .filter((path) => !path.includes('/'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
