// The published package: packed, unpacked in an empty project and used there like a user would. No network is needed, since the
// dependencies of the checkout are linked. With LONG_TESTS npm itself installs the package, which needs the registry.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from './app/line-client.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IS_LONG = process.env.LONG_TESTS !== undefined;

/** The files that may be in the package. */
const WANTED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/bundle\/[a-z-]+\.c?js$/,
  /^dist\/bundle\/[a-z-]+\.cjs\.cache$/,
  /^dist\/bundle\/(main|data-thread)\.cjs\.cache$/,
  /^dist\/dashboard\/(dashboard\.(css|js)|icon\.svg|index\.html)$/,
  /^dist\/prepared-code\.json$/,
  /^dist\/objects\/types\/(object-type|parameter-schema)\.(js|d\.ts)$/,
  /^dist\/tables\/table\.(js|d\.ts)$/,
  /^dist\/client\/[a-z-]+\.(js|d\.ts)$/,
  /^dist\/types\/(lib\/)?[a-z-]+\.d\.ts$/,
  /^dist\/app\/testing\/(test-cache\.(js|d\.ts)|testing\.d\.ts)$/,
  /^plugins\/(lib\/)?[a-z-]+\.(ts|dialogue)$/,
  /^scripts\/[a-z]+\.(lua|dialogue)$/,
  /^(plugins|scripts)\/README\.md$/,
  /^schemas\/[a-z.-]+\.(json|d\.lua)$/,
];

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly main: string;
  readonly types: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The packages that a file may import: the dependencies, and in the types that `cacheismo new` writes the package itself. */
const importable = new Set(['cacheismo', ...Object.keys(manifest.dependencies)]);

/** The empty project, and the packed files in it. */
const project = mkdtempSync(join(tmpdir(), 'cacheismo-package-'));
const installed = join(project, 'node_modules', 'cacheismo');
let tarball: string;
let packed: readonly string[];

beforeAll(() => {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const [pack] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' })) as {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (pack === undefined) throw new Error('npm packed nothing');
  tarball = join(project, pack.filename);
  packed = pack.files.map(({ path }) => path);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed]);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  // npm does the same for a command.
  const bin = manifest.bin.cacheismo;
  chmodSync(join(installed, bin), 0o755);
  mkdirSync(join(project, 'node_modules', '.bin'));
  symlinkSync(join('..', 'cacheismo', bin), join(project, 'node_modules', '.bin', 'cacheismo'));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program in the project; returns its output, or throws an error with the output. */
function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: project, encoding: 'utf8', env });
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** A server in the project, which is ready when its log says so. */
async function serve(
  command: string,
  flags: readonly string[],
  place: readonly string[] = ['-p', '0', '--log-format', 'json'],
  cwd = project,
): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(command, [...place, ...flags], {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const found = / listening on [^:]+:(\d+)/.exec(log)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  return { child, port };
}

function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}

describe('the packed package', () => {
  test('contains exactly the needed files', () => {
    expect(packed.filter((path) => !WANTED.some((pattern) => pattern.test(path)))).toEqual([]);
    for (const pattern of WANTED) expect(packed.filter((path) => pattern.test(path))).not.toEqual([]);
  });

  test('contains every file that its package.json names', () => {
    const exported = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const named = [...Object.values(manifest.bin), manifest.main, manifest.types, ...exported].map(normalize);
    // A star stands for any name.
    const isPacked = (path: string) => {
      const [start = '', end] = path.split('*');
      return packed.some((file) => (end === undefined ? file === path : file.startsWith(start) && file.endsWith(end)));
    };
    expect(named.filter((path) => !isPacked(path))).toEqual([]);
  });

  test('contains the dashboard', () => {
    const files = packed.filter((path) => path.startsWith('dist/dashboard/')).map((path) => path.slice(15));
    expect(files.sort()).toEqual(['dashboard.css', 'dashboard.js', 'icon.svg', 'index.html']);
  });

  test('contains every file that one of its files imports, and no import of a package that it does not depend on', () => {
    const missing: string[] = [];
    for (const path of packed.filter((name) => /\.(js|d\.ts)$/.test(name))) {
      const text = readFileSync(join(installed, path), 'utf8');
      for (const [, target] of text.matchAll(/^(?:import|export)\b[^'"\n=]*["']([^'"\n]+)["'];$/gm)) {
        // A declaration imports the declarations of the module that it names.
        const file = path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target;
        const known = target.startsWith('.')
          ? packed.includes(normalize(join(dirname(path), file)))
          : target.startsWith('node:') || importable.has(packageOf(target));
        if (!known) missing.push(`${path} imports ${target}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('depends on exact versions, since npm installs it without the lock file', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

describe('the package in an empty project', () => {
  const command = join(project, 'node_modules', '.bin', 'cacheismo');

  test('serves types that its own commands wrote, calls them with its client, and stops on a signal', async () => {
    expect(run(command, ['--version'])).toMatch(/^(cacheismo )?\d+\.\d+\.\d+/);
    expect(run(command, ['new', 'lua', 'points'])).toContain('wrote scripts/points.lua\n');
    expect(run(command, ['new', 'ts', 'scores'])).toContain('wrote plugins/scores.ts\n');
    const checked = run(command, ['check', 'scripts/points.lua', 'plugins/scores.ts']);
    expect(checked).toContain('points is fine');
    expect(checked).toContain('scores is fine');
    const { child, port } = await serve(command, ['--scripts', 'scripts', '--plugins', 'plugins']);
    try {
      const tests = ['scripts/points.test.mjs', 'plugins/scores.test.mjs'];
      expect(run(process.execPath, ['--test', ...tests])).toMatch(/^# pass 4$/m);
      expect(run(command, ['call', '-p', `${port}`, 'points:new:today'])).toBe('CREATED\n');
      using client = await LineClient.connect(port);
      expect(await client.get('points:add:today:ann:5')).toBe('5');
      writeFileSync(
        join(project, 'calls.mjs'),
        `import { connect } from 'cacheismo/client';
        const client = connect({ port: ${port} });
        console.log(await client.type('points').add('today', { who: 'ann:1', points: 2 }));
        client.close();`,
      );
      expect(run(process.execPath, ['calls.mjs'])).toBe('2\n');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exitCodeOf(child)).toBe(0);
  });

  test('serves ./scripts and ./plugins by default, and the shipped types', async () => {
    run(command, ['new', 'lua', 'visits']);
    run(command, ['new', 'ts', 'hits']);
    const { child, port } = await serve(command, []);
    try {
      using client = await LineClient.connect(port);
      expect(await client.get('visits:new:today')).toBe('CREATED');
      expect(await client.get('hits:new:today')).toBe('CREATED');
      expect(await client.get('set:new:colours')).toBe('CREATED');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exitCodeOf(child)).toBe(0);
  });

  test('gives plugins the types of its interface, for each way in which TypeScript resolves them', () => {
    run(command, ['new', 'ts', 'typed']);
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const ways = { nodenext: 'nodenext', ...(IS_LONG ? { bundler: 'esnext', node10: 'commonjs' } : {}) };
    for (const [moduleResolution, module] of Object.entries(ways)) {
      const compilerOptions = { strict: true, noEmit: true, lib: ['es2022'], module, moduleResolution, types: [] };
      const config = { compilerOptions, files: ['plugins/typed.ts'] };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
      run(process.execPath, [compiler, '-p', '.']);
    }
  });

  test('gives programs the types of calls, of the types that ship and of those that its commands wrote', () => {
    run(command, ['new', 'ts', 'counted']);
    const program = `import { connect } from 'cacheismo/client';
      import type lease from 'cacheismo/types/lease';
      import type counted from './plugins/counted.js';
      const client = connect();
      const reply = await client.type<typeof lease>('lease').release('k', { owner: 'me', token: 1 });
      export const isOver: boolean = reply === 'OK' || reply === 'LOST';
      export const points: \`\${number}\` | undefined = await client.type<typeof counted>('counted').add('k', { who: 'ann' });`;
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module: 'nodenext', skipLibCheck: true };
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    const programs = {
      'program.ts': program,
      'argument.ts': program.replace('token: 1', 'tokn: 1'),
      'result.ts': program.replace("'LOST'", "'LATE'"),
      'type.ts': program.replace("who: 'ann'", 'who: 7'),
    };
    const files = Object.keys(programs);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(project, name), text);
    // All at once: to read the types of Node and of the package takes most of the time.
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: project, encoding: 'utf8' });
    expect(status).not.toBe(0);
    const errors = stdout.split('\n').filter((line) => / error TS\d+: /.test(line));
    expect(errors).toEqual([
      expect.stringMatching(/^argument\.ts.*'tokn' does not exist/),
      expect.stringMatching(/^result\.ts.*'"LATE"' have no overlap/),
      expect.stringMatching(/^type\.ts.*not assignable to type 'string \| Uint8Array/),
    ]);
    rmSync(join(project, 'package.json'));
  });

  test("compiles the README's calls without the types of Node", () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, example = ''] = /^```typescript\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(example).toContain('client.type<typeof gcra>');
    writeFileSync(
      join(project, 'example.mts'),
      `${example}\ndeclare const user: string;\ndeclare const worker: string;\n`,
    );
    const compilerOptions = { strict: true, noEmit: true, target: 'es2022', module: 'nodenext', types: [] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.mts'] }));
    run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.']);
  });

  test('has the library that an example of the guide to TypeScript copies', () => {
    const guide = readFileSync(join(ROOT, 'plugins', 'README.md'), 'utf8');
    const [, copies = ''] = /`([^`]*cp node_modules\/cacheismo\/[^`]*)`/.exec(guide) ?? [];
    const [, example = ''] = /^```ts\n(\/\/ plugins\/hints\.ts\n[\s\S]*?)^```$/m.exec(guide) ?? [];
    run('sh', ['-c', copies]);
    writeFileSync(join(project, 'plugins', 'hints.ts'), example);
    expect(run(command, ['check', 'plugins/hints.ts'])).toContain('plugins/hints.ts: hints is fine');
  });

  test('serves, checks and tests types with shared modules and settings', async () => {
    const files = {
      'scripts/lib/greeting.lua': 'return function(word) return word .. "!" end\n',
      'scripts/hail.lua':
        'local greeting = require "greeting"\nreturn { name = "hail", config = { word = { type = "string", default = "hi" } }, methods = { say = { access = "create", run = function(self, args, call) return greeting(call.config.word) end } } }\n',
      'scripts/hail.dialogue': '> get hail:say:k\nVALUE hail:say:k 0 6\nhello!\nEND\n',
      'plugins/lib/greeting.ts': 'export const greeting = (word: string): string => word + "?";\n',
      'plugins/ask.ts':
        "import { defineType, method } from 'cacheismo';\nimport { greeting } from './lib/greeting.ts';\nexport default defineType({ name: 'ask', config: { word: { type: 'string', default: 'hi' } }, methods: { say: method({ access: 'create', run: (_self, _args, call) => greeting(call.config.word as string) }) } });\n",
      'cacheismo.config.yaml': 'types:\n  hail: { word: hello }\n',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), text);
    }
    expect(run(command, ['check', 'scripts/hail.lua', 'plugins/ask.ts'])).toMatch(/hail is fine[\s\S]*ask is fine/);
    expect(run(command, ['test', 'scripts/hail.lua'])).toContain('1 dialogue, 1 exchange: all replies are as expected');
    const { child, port } = await serve(command, []);
    try {
      using client = await LineClient.connect(port);
      expect([await client.get('hail:say:k'), await client.get('ask:say:k')]).toEqual(['hello!', 'hi?']);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exitCodeOf(child)).toBe(0);
    rmSync(join(project, 'cacheismo.config.yaml'));
  });

  test('exports the version of its interface, and its client, by name', () => {
    writeFileSync(
      join(project, 'use.mjs'),
      "import * as types from 'cacheismo';\nimport * as client from 'cacheismo/client';\n" +
        'console.log(types.apiVersion, typeof types.defineType, typeof types.method, typeof client.callMethod);\n' +
        "console.log(client.virtualKey('set', 'put', 'k', 'a b'));\n",
    );
    expect(run(process.execPath, ['use.mjs'])).toBe('1 function function function\nset:put:k:a%20b\n');
  });
});

describe('the package installed elsewhere, as npm install --global does', () => {
  const home = mkdtempSync(join(tmpdir(), 'cacheismo-home-'));
  const command = join(project, 'node_modules', '.bin', 'cacheismo');
  const inHome = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    execFileSync(program, args, { cwd: home, encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } });

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test('has types that it wrote checked by the compiler, and called by their tests', () => {
    inHome(command, ['new', 'ts', 'scores']);
    inHome(command, ['new', 'lua', 'points']);
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    inHome(process.execPath, [
      compiler,
      ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'plugins/scores.ts'],
    ]);
    const tests = ['scripts/points.test.mjs', 'plugins/scores.test.mjs'];
    expect(inHome(process.execPath, ['--test', ...tests])).toMatch(/^# pass 4$/m);
  });
});

describe('a new user who types what the README says', () => {
  const home = mkdtempSync(join(tmpdir(), 'cacheismo-user-'));
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const lines = (/<[!]-- first steps -->\n```sh\n([\s\S]*?)\n```/.exec(readme)?.[1] ?? '').split('\n');
  const commands = lines.map((line) => line.replace(/\s+#.*$/, ''));
  const installs = `npm install ../cacheismo-${manifest.version}.tgz`;

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** What npm does, without the registry. */
  function installFromCheckout(folder: string): void {
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    symlinkSync(installed, join(modules, 'cacheismo'));
    symlinkSync(join('..', 'cacheismo', manifest.bin.cacheismo), join(modules, '.bin', 'cacheismo'));
    symlinkSync(join(ROOT, 'node_modules', '.bin', 'tsc'), join(modules, '.bin', 'tsc'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { cacheismo: `file:${tarball}` } }));
  }

  test('has tested, live types in each language', { timeout: 300_000 }, async () => {
    const folder = join(home, 'types');
    const env = { PATH: process.env.PATH, HOME: home };
    const shell = (line: string, cwd = folder) => spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8', env });
    const outputs = new Map<string, string>();
    // The package has been packed for all tests here.
    const clone = join(home, 'clone');
    mkdirSync(clone);
    copyFileSync(tarball, join(home, basename(tarball)));
    expect(commands[0]).toBe('npm ci && npm pack --pack-destination ..');
    expect(commands).toContain(installs);
    expect(commands.at(-1)).toBe('npx cacheismo');
    for (const command of commands.slice(1, -1)) {
      if (command === installs && !IS_LONG) installFromCheckout(folder);
      else if (command !== 'npm install' || IS_LONG) {
        const line = command.replace(/^npm install/, '$& --prefer-offline --no-audit --no-fund');
        const { status, stdout, stderr } = shell(line, command.startsWith('mkdir ') ? clone : folder);
        expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: expect.any(String) });
        outputs.set(command, stdout);
      }
    }
    expect(shell('npm run check')).toMatchObject({ status: 0 });
    expect(outputs.get('npx cacheismo init')).toMatch(/^next: npm install /m);
    expect(outputs.get('npx cacheismo test')).toMatch(/^2 dialogues, \d+ exchanges: all replies are as expected$/m);
    expect(outputs.get('npm test')).toMatch(/^3 dialogues, \d+ exchanges: all replies are as expected$/m);
    expect(outputs.get('npm test')).toMatch(/^# pass 2$/m);

    const { child, port } = await serve(join(folder, 'node_modules', '.bin', 'cacheismo'), [], undefined, folder);
    try {
      using client = await LineClient.connect(port);
      expect(await client.get('visits:add:today:/')).toBe('1');
      expect(await client.get('crate:new:pears:3')).toBe('CREATED');
      expect(await client.get('crate:take:pears:2')).toBe('1');
      for (const [type, old, changed] of [
        ['scripts/visits.lua', 'or 0) + 1', 'or 0) + 10'],
        ['plugins/crate.ts', 'return left - count;', 'return left - count + 10;'],
      ] as const) {
        const path = join(folder, type);
        const live = new Promise<void>((resolve) => {
          child.stderr?.on('data', (text: string) => text.includes(`${type}: version 2 of `) && resolve());
        });
        writeFileSync(path, readFileSync(path, 'utf8').replace(old, changed));
        await live;
      }
      expect(await client.get('visits:add:today:/')).toBe('11');
      expect(await client.get('crate:take:pears:1')).toBe('10');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exitCodeOf(child)).toBe(0);
    const { status, stdout } = shell('npx cacheismo test');
    expect([status, stdout]).toEqual([1, expect.stringContaining('scripts/visits.dialogue:4: another reply to ')]);
    expect(stdout).toContain('plugins/crate.dialogue:8: another reply to get crate:take:pears:2\n  expected: 1\n');
  });
});

describe.runIf(IS_LONG)('with the registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cacheismo-install-'));
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('npm installs the package with its dependencies, and the command runs', { timeout: 300_000 }, async () => {
    run('npm', ['install', '--prefix', folder, ...quiet, tarball]);
    const { child } = await serve(join(folder, 'node_modules', '.bin', 'cacheismo'), []);
    child.kill('SIGTERM');
    expect(await exitCodeOf(child)).toBe(0);
  });

  test('a fresh clone is installed and served by the first command of the README', { timeout: 300_000 }, async () => {
    const clone = join(folder, 'clone');
    run('git', ['clone', '--quiet', ROOT, clone]);
    run('npm', ['ci', '--prefix', clone, ...quiet]);
    // npm needs the two dashes before the flags. A separate process group, so that all of it can be ended.
    const { child, port } = await serve(
      'npm',
      ['start', '--prefix', clone, '--', '-p', '0', '--log-format', 'json'],
      [],
    );
    try {
      using client = await LineClient.connect(port);
      expect(await client.set('greeting', 'hello')).toBe('STORED');
      expect(await client.get('set:new:colours')).toBe('CREATED');
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL');
    }
    await exitCodeOf(child);
  });
});
