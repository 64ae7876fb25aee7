// The worked examples through common client libraries. Those for Python are tested if they are installed.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Memcached from 'memcached';
import { Client } from 'memjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServerProcess, startOnAllProcessors } from '../server-process.js';
import { WORKED_EXAMPLES } from './worked-examples.js';

const SCRIPT = fileURLToPath(new URL('worked_examples.py', import.meta.url));
const PYTHONS = ['python3', '/usr/bin/python3'];

const EXAMPLES = {
  gets: WORKED_EXAMPLES.map(([key]) => key),
  many: ['swcounter:getmin:c', 'set:missing', 'quota:peek:u'],
  sets: [
    ['map:put:m:block', 'a:b%20c\r\n'],
    ['set:put:s:x', ''],
    ['set:put:nowhere', 'x'],
  ] as const,
  after: ['map:get:m:block', 'set:count:s', 'set$s'],
  failing: ['set:put:s', 'set:count:s:x'],
  among: ['set:count:s', 'set:put:s', 'quota:peek:u'],
};

const ANSWERS = {
  answers: WORKED_EXAMPLES.map(([, value]) => value),
  many: { 'swcounter:getmin:c': '50', 'quota:peek:u': '9' },
  stored: [true, true, false],
  after: ['block : a:b%20c\r\n', '1', '{"x":true}'],
  failed: {},
  later: ['block : a:b%20c\r\n', '1', '{"x":true}'],
};

/** In a binary multi-get, a failed call is a miss, and the other keys have their values. */
const FAILED = { 'set:count:s': '1', 'quota:peek:u': '9' };

let server: ServerProcess;

beforeEach(async () => {
  server = await startOnAllProcessors();
});

afterEach(() => server[Symbol.asyncDispose]());

function pythonWith(library: string): string | undefined {
  return PYTHONS.find((python) => spawnSync(python, ['-c', `import ${library}`]).status === 0);
}

async function runPython(python: string, library: string): Promise<unknown> {
  const child = spawn(python, [SCRIPT, library, String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stdin.end(JSON.stringify(EXAMPLES));
  await once(child, 'close');
  return JSON.parse(output);
}

describe('the worked examples run', () => {
  for (const library of ['pymemcache', 'pylibmc', 'pylibmc, binary', 'bmemcached']) {
    const python = pythonWith(library.split(',', 1)[0]);
    const isBinary = library !== 'pymemcache' && library !== 'pylibmc';
    test.skipIf(python === undefined)(`through ${library}`, async () => {
      const answers = isBinary ? { ...ANSWERS, failed: FAILED } : ANSWERS;
      expect(await runPython(python as string, library)).toEqual(answers);
    });
  }

  test('through memjs of npm, which speaks binary, with calls that fail among them', async () => {
    const client = Client.create(`127.0.0.1:${server.port}`, { retries: 0, logger: { log: () => undefined } });
    const get = async (key: string) => (await client.get(key)).value?.toString('latin1');
    for (const [key, value] of WORKED_EXAMPLES) expect([key, await get(key)]).toEqual([key, value]);
    const stored: boolean[] = [];
    for (const [key, block] of EXAMPLES.sets) stored.push(await client.set(key, block, {}).catch(() => false));
    expect(stored).toEqual(ANSWERS.stored);
    for (const key of EXAMPLES.failing) await expect(client.get(key)).rejects.toThrow('Invalid arguments');
    const after: unknown[] = [];
    for (const key of EXAMPLES.after) after.push(await get(key));
    expect(after).toEqual(ANSWERS.after);
    client.close();
  });

  test('through memcached of npm, except for values with line ends, which it cannot read from any server', async () => {
    const client = new Memcached(`127.0.0.1:${server.port}`);
    const get = (key: string) =>
      new Promise<unknown>((resolve, reject) => {
        client.get(key, (error, value) => (error ? reject(error) : resolve(value)));
      });
    const set = (key: string, block: string) =>
      new Promise<boolean>((resolve) => {
        client.set(key, block, 0, (error, stored) => resolve(error === undefined && stored));
      });
    for (const [key, value] of WORKED_EXAMPLES)
      if (!value.includes('\n')) expect([key, await get(key)]).toEqual([key, value]);
    const many = new Promise<unknown>((resolve, reject) => {
      client.getMulti(EXAMPLES.many, (error, values) => (error ? reject(error) : resolve(values)));
    });
    expect(await many).toEqual(ANSWERS.many);
    const stored: boolean[] = [];
    for (const [key, block] of EXAMPLES.sets) stored.push(await set(key, block));
    expect(stored).toEqual(ANSWERS.stored);
    const after: unknown[] = [];
    for (const key of EXAMPLES.after) after.push(await get(key));
    expect(after).toEqual(ANSWERS.after);
    client.end();
  });
});
