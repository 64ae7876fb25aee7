// What a bad method may cost everybody else: nothing but its budget. Bounds are on processor time of the server, with wide margins, so
// that a busy machine does not matter. Not for what scripts can reach.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTACKS } from '../lua/attacks.js';
import { LineClient } from './line-client.js';
import { HAS_FIGURES, processorMs, residentBytes } from './process-figures.js';
import { type ServerProcess, startProcess } from './server-process.js';
import { scriptOf, TypeFolders } from './type-folders.js';

const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

/** One error line must come within 100 ms. What is counted here is the time of all of the process's threads, V8's compilers and
    collectors too, while each method runs for the first time. */
const KILL_MS = 400;
const OTHERS_MS = 150;
const GROWTH_BYTES = 64 * 1024 * 1024;
const MILLION = 1_000_000;
const MEMBERS_A_CALL = 100;
const MEMBERS_A_BATCH = 10_000;

const attacks = Object.entries(ATTACKS).map(([title, body], index) => ({ title, body, method: `m${index}` }));

/** Over the set that `args.text` names. */
const walk = (body: string): string => `local all = call:open("set", args.text, "write") ${body}`;
const walks = {
  read: walk('local n = 0 for k, v in pairs(all) do n = n + #k end return n'),
  write: walk('for k in pairs(all) do all[k] = "other" end return "done"'),
  clear: walk('for k in pairs(all) do all[k] = nil end return "done"'),
  list: walk('local keys = {} for k in pairs(all) do keys[#keys + 1] = k end return table.concat(keys)'),
};

/** The processor time that the server took for each of many requests of one client, while another client's work went on. */
async function measureOthers(server: ServerProcess, work: () => Promise<unknown>): Promise<number[]> {
  using client = await LineClient.connect(server.port);
  const pid = server.child.pid as number;
  const used: number[] = [];
  let isOver = false;
  const done = work().finally(() => {
    isOver = true;
  });
  while (!isOver || used.length < 100) {
    const before = processorMs(pid);
    expect(await client.get('plain')).toBe('value');
    used.push(processorMs(pid) - before);
  }
  await done;
  return used.sort((one, other) => one - other);
}

const percentile99 = (sorted: readonly number[]): number => sorted[Math.ceil(sorted.length * 0.99) - 1] as number;

describe.runIf(HAS_FIGURES).each(TRANSPORTS)('on %s', (transport) => {
  let folders: TypeFolders;
  let server: ServerProcess;
  let client: LineClient;
  let pid: number;

  beforeAll(async () => {
    folders = new TypeFolders();
    folders.script(
      'attack.lua',
      scriptOf('attack', Object.fromEntries(attacks.map(({ method, body }) => [method, body]))),
    );
    folders.script(
      'again.lua',
      scriptOf('again', Object.fromEntries(attacks.map(({ method, body }) => [method, body]))),
    );
    folders.script('flood.lua', scriptOf('flood', { loop: 'while true do end' }));
    folders.script('walk.lua', scriptOf('walk', walks)).copy('scripts/set.lua');
    server = await startProcess(['--transport', transport, '-t', '1', '-m', '256', ...folders.flags]);
    client = await LineClient.connect(server.port);
    pid = server.child.pid as number;
    await client.ask('set plain 0 0 5\r\nvalue\r\nget attack:new:k\r\nget again:new:k\r\n');
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  test.each(attacks)('$title: one error line, in time', async ({ method }) => {
    const before = processorMs(pid);
    const reply = await client.ask(`get attack:${method}:k\r\n`);
    const used = processorMs(pid) - before;
    expect(reply).toMatch(/^SERVER_ERROR attack:m\d+: [\x20-\x7e]{1,200}\r\n$/);
    expect(used).toBeLessThan(KILL_MS);
    expect(await client.get('attack$k')).toBe('{}');
  });

  test('all of them again take little memory', async () => {
    const before = residentBytes(pid);
    for (const { method } of attacks) {
      expect(await client.ask(`get again:${method}:k\r\n`)).toMatch(/^SERVER_ERROR again:/);
    }
    expect(residentBytes(pid) - before).toBeLessThan(GROWTH_BYTES);
  });

  test('sixteen in one pipeline leave others their turn, and after three kills there are no more', async () => {
    await client.get('flood:new:k');
    const request = 'get flood:loop:k\r\n';
    const replies: string[] = [];
    const used = await measureOthers(server, async () => {
      replies.push(...(await client.ask(request.repeat(16))).split('\r\n'));
    });
    expect(replies.filter((line) => line.startsWith('SERVER_ERROR flood:loop: takes'))).toHaveLength(3);
    expect(replies.filter((line) => line.endsWith('killed three times in a minute'))).toHaveLength(13);
    expect(percentile99(used)).toBeLessThan(OTHERS_MS);
  });

  test('calls over a million fields end, in one way or the other, and others have their turn', async () => {
    await client.get('set:new:big');
    for (let from = 0; from < MILLION; from += MEMBERS_A_BATCH) {
      let requests = '';
      for (let first = from; first < from + MEMBERS_A_BATCH; first += MEMBERS_A_CALL) {
        const members = JSON.stringify(Array.from({ length: MEMBERS_A_CALL }, (_, number) => `m${first + number}`));
        requests += `set set:putall:big 0 0 ${members.length}\r\n${members}\r\n`;
      }
      expect(await client.ask(requests)).toBe('STORED\r\n'.repeat(MEMBERS_A_BATCH / MEMBERS_A_CALL));
    }
    expect(await client.get('set:count:big')).toBe(String(MILLION));
    await client.get('walk:new:k');
    const walking = Object.keys(walks).map((method) => `get walk:${method}:k:big`);
    const calls = [
      'get set:getall:big',
      'get set$big',
      'get set:union:big:big',
      'get set:difference:big:big',
      ...walking,
    ];
    const replies: string[] = [];
    const used = await measureOthers(server, async () => {
      for (const call of calls) replies.push(await client.ask(`${call}\r\n`));
    });
    for (const reply of replies) expect(reply).toMatch(/^(SERVER_ERROR (set|walk)[ -~]+\r\n|VALUE )/);
    expect(percentile99(used)).toBeLessThan(OTHERS_MS);
    expect(await client.get('set:count:big')).toBe(String(MILLION));
    const deletion = await measureOthers(server, () => client.ask('delete set$big\r\n'));
    expect(percentile99(deletion)).toBeLessThan(OTHERS_MS);
    expect(await client.get('set:count:big')).toBe('ERROR_CACHE_MISS');
  });
});
