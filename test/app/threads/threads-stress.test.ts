// Several data threads under load from many connections: the history of each key is linearizable, counters are exact, large values are
// never mixed, and the arena's invariants hold afterwards.

import { expect, test } from 'vitest';
import { checkStore } from '../../store/checker.js';
import { libcIfAny } from '../../transport/epoll-harness.js';
import { AskingClient } from '../asking-client.js';
import { type RunningPlane, startPlane } from './data-plane-harness.js';

const libc = await libcIfAny();
const THREADS = 3;
const CLIENTS = 24;
const isLong = process.env.LONG_TESTS !== undefined;
const ROUNDS = isLong ? 5000 : 150;

async function withClients(server: RunningPlane, work: (client: AskingClient, index: number) => Promise<void>) {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => AskingClient.connect(server.port)));
  await Promise.all(clients.map(work));
  for (const client of clients) client.close();
  expect(server.fatal).toEqual([]);
  server.exclusively(() => checkStore(server.parts.store));
}

/** A register with one writer: a read returns a version between the last one written before it began and the last one begun before it
 * ended. */
class Register {
  begun = 0;
  known = 0;

  note(version: number): void {
    this.known = Math.max(this.known, version);
  }
}

if (libc !== undefined) {
  test('registers with one writer each are linearizable with several data threads', async () => {
    await using server = await startPlane(libc, THREADS, ['--no-objects', '-m', '64']);
    const registers = Array.from({ length: 4 }, () => new Register());
    await withClients(server, async (client, index) => {
      const own = registers[index];
      for (let round = 0; round < ROUNDS; round++) {
        if (own !== undefined) {
          own.begun++;
          // Sizes vary, so that items move and take one chunk or several.
          const value = `${own.begun}:${'v'.repeat((own.begun * 37) % 5000)}`;
          expect(await client.set(`register${index}`, value)).toBe('STORED');
          own.note(own.begun);
        }
        const number = (index + round) % registers.length;
        const register = registers[number];
        const floor = register.known;
        const seen = Number.parseInt((await client.get(`register${number}`)) ?? '0', 10);
        expect(seen).toBeGreaterThanOrEqual(floor);
        expect(seen).toBeLessThanOrEqual(register.begun);
        register.note(seen);
      }
    });
  });

  test('incr and cas lose no update with several data threads', async () => {
    await using server = await startPlane(libc, THREADS, ['--no-objects', '-m', '64']);
    const setter = await AskingClient.connect(server.port);
    for (const key of ['counter', 'token', 'list']) await setter.set(key, key === 'list' ? '' : '0');
    let exchanged = 0;
    await withClients(server, async (client, index) => {
      for (let round = 0; round < ROUNDS; round++) {
        await client.line('incr counter 3\r\n');
        const reply = await client.list('gets token\r\n');
        const [, cas, value] = /^VALUE token 0 \d+ (\d+)\r\n(\d+)\r\n/.exec(reply) ?? [];
        const next = String(Number(value) + 1);
        const answer = await client.line(`cas token 0 0 ${next.length} ${cas}\r\n${next}\r\n`);
        if (answer === 'STORED') exchanged++;
        if (round % 10 === 0) await client.line(`append list 0 0 4\r\n${String(index).padStart(3, '0')},\r\n`);
      }
    });
    expect(await setter.get('counter')).toBe(String(3 * CLIENTS * ROUNDS));
    expect(await setter.get('token')).toBe(String(exchanged));
    expect(exchanged).toBeGreaterThan(0);
    const entries = ((await setter.get('list')) ?? '').split(',').slice(0, -1);
    for (let index = 0; index < CLIENTS; index++) {
      expect(entries.filter((entry) => Number(entry) === index)).toHaveLength(Math.ceil(ROUNDS / 10));
    }
    setter.close();
  });

  test('large values arrive completely from a full arena, and nothing leaks', async () => {
    await using server = await startPlane(libc, THREADS, ['--no-objects', '-m', '4', '-I', '512k', '--debug-commands']);
    await withClients(server, async (client, index) => {
      for (let round = 0; round < ROUNDS; round++) {
        const key = `k${(index * 7 + round * 13) % 60}`;
        const letter = String.fromCharCode(97 + ((index + round) % 26));
        const length = round % 5 === 0 ? 300_000 : (round * 911) % 3000;
        const choice = (index + round * 5) % 7;
        if (choice < 3) await client.set(key, letter.repeat(length), round % 3);
        else if (choice === 3) await client.line(`delete ${key}\r\n`);
        else if (choice === 4 && round % 50 === 0)
          await client.line(round % 100 === 0 ? 'flush_all\r\n' : 'debugtime 1\r\n');
        else {
          const value = await client.get(key);
          if (value !== undefined && value.length > 0) expect(value === value[0].repeat(value.length)).toBe(true);
        }
      }
    });
  });
}
