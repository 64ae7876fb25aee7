// Calls over objects of a million fields: each ends within its budget or with one error line, and does not delay other clients.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineClient } from '../line-client.js';
import { HAS_FIGURES } from '../process-figures.js';
import { type ServerProcess, startProcess } from '../server-process.js';
import { scriptOf, TypeFolders } from '../type-folders.js';
import { expectWithin, longestWaits, SET_PLAIN } from './bounds.js';

const TRANSPORTS = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

const OTHERS_MS = 150;
const MILLION = 1_000_000;
const MEMBERS_A_CALL = 100;
const MEMBERS_A_BATCH = 10_000;
/** A method is refused after this many kills. */
const ATTEMPTS = 3;

/** A method over the set that `args.text` names. */
const walk = (body: string): string => `local all = call:open("set", args.text, "write") ${body}`;
const walks = {
  read: walk('local n = 0 for k, v in pairs(all) do n = n + #k end return n'),
  write: walk('for k in pairs(all) do all[k] = "other" end return "done"'),
  clear: walk('for k in pairs(all) do all[k] = nil end return "done"'),
  list: walk('local keys = {} for k in pairs(all) do keys[#keys + 1] = k end return table.concat(keys)'),
};
const CALLS = [
  'set:getall:big',
  'set$big',
  'set:union:big:big',
  'set:difference:big:big',
  ...Object.keys(walks).map((method) => `walk:${method}:k:big`),
];

describe.runIf(HAS_FIGURES).each(TRANSPORTS)('with the transport %s', (transport) => {
  let folders: TypeFolders;
  let server: ServerProcess;
  let client: LineClient;
  let pid: number;

  beforeAll(async () => {
    folders = new TypeFolders().script('walk.lua', scriptOf('walk', walks)).copy('scripts/set.lua');
    server = await startProcess(['--transport', transport, '-t', '1', '-m', '256', ...folders.flags]);
    client = await LineClient.connect(server.port);
    pid = server.child.pid as number;
    await client.ask(`${SET_PLAIN}get walk:new:k\r\n`);
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    folders[Symbol.dispose]();
  });

  async function fill(): Promise<void> {
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
  }

  test('calls over a million fields end within their budget or with one error line, and other clients are served meanwhile', {
    timeout: 240_000,
  }, async () => {
    await fill();
    await expectWithin(OTHERS_MS, ATTEMPTS, () =>
      longestWaits(server.port, pid, async () => {
        for (const call of CALLS) {
          expect(await client.ask(`get ${call}\r\n`)).toMatch(/^(CLIENT_ERROR (set|walk)[ -~]+\r\n|VALUE )/);
        }
      }),
    );
    expect(await client.get('set:count:big')).toBe(String(MILLION));
    await expectWithin(OTHERS_MS, ATTEMPTS, async (attempt) => {
      if (attempt > 0) await fill();
      return longestWaits(server.port, pid, () => client.ask('delete set$big\r\n'));
    });
    expect(await client.get('set:count:big')).toBe('ERROR_CACHE_MISS');
  });
});
