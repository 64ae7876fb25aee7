// The tools of libmemcached against the built server: memccapable's own tests and the tools that read, write and count. The test names say
// if they are not installed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import { isInstalled, run } from './programs.js';

const isHere = isInstalled('memccapable', '-?');
const why = isHere ? '' : ' (skipped: libmemcached-tools are not installed)';
const file = new URL(import.meta.url).pathname;

describe.skipIf(!isHere)(`libmemcached${why}`, () => {
  let server: ServerProcess;
  let servers: string;

  beforeAll(async () => {
    server = await startProcess(['--debug-commands']);
    servers = `--servers=127.0.0.1:${server.port}`;
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test.each([
    ['text', '-a'],
    ['binary', '-b'],
  ])('memccapable: every test of the %s protocol passes', async (_protocol, flag) => {
    const { code, output, errors } = await run('memccapable', [
      '-h',
      '127.0.0.1',
      '-p',
      String(server.port),
      flag,
      '-v',
    ]);
    expect(`${output}${errors}`).not.toContain('FAIL');
    expect(output).toContain('All tests passed');
    expect(code).toBe(0);
  });

  test('memcping', async () => {
    expect(await run('memcping', [servers])).toEqual({ code: 0, output: '', errors: '' });
  });

  test.each([['text'], ['binary']])('memccp, memccat, memctouch, memcexist and memcrm, %s', async (protocol) => {
    const name = 'libmemcached.test.ts';
    const to = protocol === 'binary' ? [servers, '--binary'] : [servers];
    expect((await run('memccp', [...to, file])).code).toBe(0);
    expect((await run('memccat', [...to, name])).output).toContain('The tools of libmemcached');
    expect((await run('memctouch', [...to, '--expire=100', name])).code).toBe(0);
    expect((await run('memcexist', [...to, name])).code).toBe(0);
    expect((await run('memcrm', [...to, name])).code).toBe(0);
    expect((await run('memcexist', [...to, name])).code).toBe(1);
  });

  test('memcstat', async () => {
    const { code, output } = await run('memcstat', [servers]);
    expect(output).toMatch(/^\s*curr_items: \d+$/m);
    expect(code).toBe(0);
  });

  test('memcslap with gets and sets', async () => {
    for (const kind of ['set', 'get', 'mget']) {
      const load = ['--concurrency=4', '--execute-number=50', '--initial-load=100', `--test=${kind}`];
      expect((await run('memcslap', [servers, ...load])).code).toBe(0);
      expect((await run('memcslap', [servers, '--binary', ...load])).code).toBe(0);
    }
  });

  test('memcflush', async () => {
    expect((await run('memcflush', [servers])).code).toBe(0);
  });
});
