// Fuzz target `reload`: type files and the module that they share are written, broken, replaced and removed, and their directory is replaced,
// while clients call methods. No request may be lost, and in the end the types must be those of the files.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LineClient } from '../../app/line-client.js';
import type { Random } from '../../bench/load/random.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';

const ROOT = fileURLToPath(import.meta.url.split(/\/(?:dist\/fuzz\/)?test\/fuzz\//)[0]);
const FILES = 8;
const STEPS = 60;
/** The time after the last change within which the types must be those of the files. */
const SETTLED_MS = 15_000;
const KINDS = [
  ...(['write', 'write', 'write', 'break', 'remove', 'swap', 'directory', 'pause'] as const),
  ...(['module', 'module', 'module', 'breakModule', 'removeModule'] as const),
];

type Step = readonly [kind: (typeof KINDS)[number], file: number, answer: number];

/** The expected reply of a file's type; broken files keep the previous one. */
const BROKEN = -1;

const isScript = (file: number): boolean => file % 2 === 0;
/** Half of the types of a folder use its module. */
const usesModule = (file: number): boolean => file % 4 < 2;

function source(file: number, answer: number): string {
  if (answer === BROKEN) return isScript(file) ? 'return { name = ' : 'export default {';
  if (isScript(file)) {
    const [head, say] = usesModule(file)
      ? ['local word = require "word"\n', `"${answer} " .. word`]
      : ['', `"${answer}"`];
    return `${head}return { name = "t${file}", methods = { say = { access = "create", run = function() return ${say} end } } }\n`;
  }
  const [head, say] = usesModule(file)
    ? ["import { word } from './lib/word.js';\n", `'${answer} ' + word`]
    : ['', `'${answer}'`];
  return `${head}import { defineType, method } from 'cacheismo';
export default defineType({ name: 't${file}', methods: { say: method({ access: 'create', run: () => ${say} }) } });
`;
}

function moduleSource(folder: string, answer: number): string {
  if (answer === BROKEN) return 'return {';
  return folder === 'scripts' ? `return "${answer}"\n` : `export const word: string = '${answer}';\n`;
}

const moduleIn = (root: string, folder: string): string =>
  join(root, 'lib', folder === 'scripts' ? 'word.lua' : 'word.ts');

const folderOf = (file: number): string => (isScript(file) ? 'scripts' : 'plugins');
const nameOf = (file: number): string => `t${file}.${file % 2 === 0 ? 'lua' : 'ts'}`;

class Storm {
  readonly #root = mkdtempSync(join(tmpdir(), 'cacheismo-storm-'));
  readonly #expected = new Map<number, number>();
  /** The values of the modules, by folder; BROKEN also for one that is removed. */
  readonly #modules = new Map<string, number>();
  #child: ChildProcess | undefined;
  #port = 0;

  async start(): Promise<void> {
    for (const folder of ['scripts', 'plugins']) {
      mkdirSync(join(this.#root, folder));
      this.#writeModule(join(this.#root, folder), folder, 0);
    }
    const flags = ['-p', '0', '-t', '2', '--log-format', 'json'];
    for (const folder of ['scripts', 'plugins']) flags.push(`--${folder}`, join(this.#root, folder));
    const child = spawn(process.execPath, [join(ROOT, 'dist/bundle/cli.js'), ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
      child.stderr?.on('data', (text: Buffer) => {
        const port = /listening on [^ ]*:(\d+)/.exec(text.toString())?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
  }

  async run(steps: readonly Step[]): Promise<number> {
    let isOver = false;
    const calls = [this.#call(() => isOver), this.#call(() => isOver)];
    try {
      for (const step of steps) await this.#change(step);
      await this.#settle();
    } catch (error) {
      // The clients fail as well when the server ends; that must not hide the reason.
      for (const call of calls) call.catch(() => undefined);
      throw error;
    } finally {
      isOver = true;
    }
    const counts = await Promise.all(calls);
    if (counts.some((count) => count === 0)) throw new Error('a client was not served');
    return steps.length;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  }

  #writeModule(root: string, folder: string, answer: number): void {
    mkdirSync(join(root, 'lib'), { recursive: true });
    writeFileSync(moduleIn(root, folder), moduleSource(folder, answer));
    this.#modules.set(folder, answer);
  }

  async #change([kind, file, answer]: Step): Promise<void> {
    const folder = join(this.#root, folderOf(file));
    const path = join(folder, nameOf(file));
    if (kind === 'pause') await wait(answer % 200);
    else if (kind === 'remove') {
      rmSync(path, { force: true });
      this.#expected.delete(file);
    } else if (kind === 'module') this.#writeModule(folder, folderOf(file), answer);
    else if (kind === 'breakModule') this.#writeModule(folder, folderOf(file), BROKEN);
    else if (kind === 'removeModule') {
      rmSync(moduleIn(folder, folderOf(file)), { force: true });
      this.#modules.set(folderOf(file), BROKEN);
    } else if (kind === 'directory') {
      const next = join(this.#root, 'next');
      mkdirSync(next);
      for (const other of [...this.#expected.keys()]) {
        if (folderOf(other) === folderOf(file)) this.#expected.delete(other);
      }
      writeFileSync(join(next, nameOf(file)), source(file, answer));
      this.#writeModule(next, folderOf(file), answer);
      renameSync(folder, join(this.#root, 'old'));
      renameSync(next, folder);
      rmSync(join(this.#root, 'old'), { recursive: true });
      this.#expected.set(file, answer);
    } else {
      const written = kind === 'break' ? BROKEN : answer;
      const to = kind === 'swap' ? join(this.#root, 'swapped') : path;
      writeFileSync(to, source(file, written));
      if (kind === 'swap') renameSync(to, path);
      this.#expected.set(file, written);
    }
  }

  async #settle(): Promise<void> {
    using client = await LineClient.connect(this.#port);
    const until = performance.now() + SETTLED_MS;
    for (;;) {
      const wrong: string[] = [];
      for (let file = 0; file < FILES; file++) {
        const expected = this.#expected.get(file);
        const word = usesModule(file) ? this.#modules.get(folderOf(file)) : undefined;
        const found = await client.get(`t${file}:say:k`);
        const wanted = expected === undefined ? 'END' : word === undefined ? `${expected}` : `${expected} ${word}`;
        const isUnknown = expected === BROKEN || (expected !== undefined && word === BROKEN);
        if (!isUnknown && found !== wanted) wrong.push(`${nameOf(file)}: ${found} instead of ${wanted}`);
      }
      if (wrong.length === 0) return;
      if (performance.now() > until) throw new Error(wrong.join('; '));
      await wait(50);
    }
  }

  /** Every request must get its reply, whatever is loaded meanwhile. */
  async #call(isOver: () => boolean): Promise<number> {
    using client = await LineClient.connect(this.#port);
    let count = 0;
    for (; !isOver(); count++) {
      if ((await client.get('set:new:storm')) !== 'CREATED')
        throw new Error('a call of another type got another reply');
    }
    return count;
  }
}

let storm: Storm | undefined;

export const reloadTarget: FuzzTarget = {
  name: 'reload',

  generate(random: Random): Sequence {
    const draw = (): Json => [KINDS[random.below(KINDS.length)] as string, random.below(FILES), random.below(1000)];
    return { setup: null, steps: Array.from({ length: STEPS }, draw) };
  },

  /** Each sequence starts with the files of the previous one, all of which the model knows. */
  async run({ steps }: Sequence): Promise<number> {
    if (storm === undefined) {
      storm = new Storm();
      await storm.start();
    }
    try {
      return await storm.run(steps as unknown as readonly Step[]);
    } catch (error) {
      storm.close();
      storm = undefined;
      throw error;
    }
  },

  close(): void {
    storm?.close();
    storm = undefined;
  },
};
