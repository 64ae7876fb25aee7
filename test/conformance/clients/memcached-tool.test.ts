// memcached's own tool against the built server: each of its modes ends and shows rows. Runs only if the tool is installed.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startProcess } from '../../app/server-process.js';
import { ask } from '../memcached.js';

const TOOL = '/usr/share/memcached/scripts/memcached-tool';
const TIMEOUT_MS = 10_000;

describe.runIf(existsSync(TOOL))('memcached-tool', () => {
  test('shows slabs, statistics, settings, sizes and keys, and dumps values', async () => {
    await using server = await startProcess(['-o', 'track_sizes']);
    await ask(server.port, 'set a 5 0 3\r\nabc\r\nset b%c 0 1000 1\r\nx\r\nget a\r\n');
    const run = async (...mode: string[]) => {
      const args = [TOOL, `127.0.0.1:${server.port}`, ...mode];
      return (await promisify(execFile)('perl', args, { timeout: TIMEOUT_MS })).stdout;
    };
    expect(await run()).toMatch(/^ {2}1 +\d+B .* 2 +no /m);
    expect(await run('stats')).toMatch(/^ +curr_items +2$/m);
    expect(await run('settings')).toMatch(/^ +maxbytes +67108864$/m);
    expect(await run('sizes')).toMatch(/^ +64 +2$/m);
    expect((await run('keys')).split('\n').filter((line) => line.startsWith('key=')).length).toBe(2);
    const dump = await run('dump');
    expect(dump).toContain('add a 5 0 3\r\nabc\r\n');
    expect(dump).toMatch(/add b%c 0 \d+ 1\r\nx\r\n/);
  });
});
