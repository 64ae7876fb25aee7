// The start with the code that the build keeps of the bundle's files: what is loaded before the server is ready, and a start without that code.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { installPackage } from './installed-package.js';
import { LineClient } from './line-client.js';
import { pluginOf } from './type-folders.js';

const folder = mkdtempSync(join(tmpdir(), 'cacheismo-start-'));
const installed = join(folder, 'package');

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a copy of the package, lets the caller use it, and returns what the preloaded file has printed. */
async function serve(use: (client: LineClient) => Promise<void>, preload?: string): Promise<string> {
  const required = preload === undefined ? [] : ['--require', preload];
  const flags = ['-p', '0', '-l', '127.0.0.1', '-t', '1', '--log-format', 'json', '-u', 'root'];
  const child = spawn(process.execPath, [...required, join(installed, 'dist/bundle/cli.js'), ...flags], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let log = '';
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    await expect.poll(() => log, { timeout: 30_000, interval: 20 }).toMatch(/ listening on /);
    using client = await LineClient.connect(Number(/ listening on [^:]+:(\d+)/.exec(log)?.[1]));
    await use(client);
    return printed;
  } finally {
    child.kill('SIGKILL');
  }
}

function compiledFiles(): string[] {
  const bundle = join(installed, 'dist/bundle');
  return readdirSync(bundle)
    .filter((name) => name.endsWith('.cache') && !name.startsWith('testing-'))
    .map((name) => join(bundle, name));
}

async function usesSet(client: LineClient): Promise<void> {
  expect(await client.get('set:new:k')).toBe('CREATED');
  await client.get('set:put:k:a');
  expect(await client.get('set:count:k')).toBe('1');
}

describe('the server starts and serves the types that ship', () => {
  test('without the code that the build has kept', async () => {
    installPackage(folder);
    for (const path of compiledFiles()) rmSync(path);
    await serve(usesSet);
  });

  test('with code that another version of V8 has made', async () => {
    installPackage(folder);
    for (const path of compiledFiles()) {
      const bytes = readFileSync(path);
      // The second word of the header is a hash of the version.
      bytes.writeUInt32LE(bytes.readUInt32LE(4) ^ 1, 4);
      writeFileSync(path, bytes);
    }
    await serve(usesSet);
  });

  test('with code that is cut off', async () => {
    installPackage(folder);
    for (const path of compiledFiles()) writeFileSync(path, readFileSync(path).subarray(0, 1000));
    await serve(usesSet);
  });
});

test('V8 accepts the code that the build has kept, in every thread that starts with such code', async () => {
  installPackage(folder);
  const preload = join(folder, 'accepted.cjs');
  writeFileSync(
    preload,
    `const vm = require('node:vm');
    vm.Script = class extends vm.Script {
      constructor(code, options) {
        super(code, options);
        if (options?.cachedData) console.log(require('node:path').basename(options.filename), !this.cachedDataRejected);
      }
    };`,
  );
  const printed = await serve(usesSet, preload);
  const names = compiledFiles().map((path) => path.slice(path.lastIndexOf('/') + 1, -'.cache'.length));
  expect(printed.trim().split('\n').sort()).toEqual(names.map((name) => `${name} true`).sort());
});

test('the stack of a failing method has lines of its plugin only, not of the bundle where the package was built', async () => {
  installPackage(folder);
  mkdirSync(join(folder, 'plugins'));
  writeFileSync(join(folder, 'plugins/broken.ts'), pluginOf('broken', { fail: "throw new Error('no way');" }));
  await serve(async (client) => {
    await client.get('broken:new:k');
    expect(await client.get('broken:fail:k')).toContain('no way');
    const frames = (await client.get('cacheismo:errors')).split(/\r?\n/).filter((line) => /^\s+at /.test(line));
    expect(frames).toEqual([expect.stringMatching(/plugins\/broken\.ts:\d+/)]);
  });
});

test('a server that is ready has loaded no package but koffi', async () => {
  installPackage(folder);
  const preload = join(folder, 'loaded.cjs');
  writeFileSync(
    preload,
    `const Module = require('node:module');
    const load = Module._load;
    Module._load = function (id, parent, ...rest) {
      if (!/^(node:|[./])/.test(id) && !Module.isBuiltin(id)) console.log(id);
      return load.call(this, id, parent, ...rest);
    };`,
  );
  const printed = await serve(async () => undefined, preload);
  const packages = printed
    .trim()
    .split('\n')
    .map((id) => id.split('/')[0]);
  expect([...new Set(packages)].sort()).toEqual(['@koromix', 'koffi']);
});
