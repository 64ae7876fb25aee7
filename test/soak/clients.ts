// The clients of the soak test. Each works until its time is over, checks every reply that it can predict, and counts its requests.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { AskingClient } from '../app/asking-client.js';
import { Random } from '../bench/load/random.js';
import type { BagType } from './bag-types.js';

export interface SoakClock {
  readonly isOver: boolean;
}

const MAX_VALUE_BYTES = 1_000_000;
/** Too many to fit into the memory of the server. */
const PLAIN_KEYS = 20_000;

/** Most values are small, but all sizes up to the item limit occur. */
function valueLength(random: Random): number {
  const classes = [100, 100, 100, 1100, 1100, 5000, 5000, 70_000];
  const most = random.below(100) === 0 ? MAX_VALUE_BYTES : classes[random.below(classes.length)];
  return random.below(most);
}

/** A value that starts with its key and length, so that a wrong byte or a mix of two values is detected. */
function valueNaming(key: string, length: number, random: Random): string {
  const letter = String.fromCharCode(97 + random.below(26));
  return `${key} ${length} ${letter} ${letter.repeat(length)}`;
}

function expectWhole(key: string, value: string): void {
  const [, owner, length, letter, rest] = /^(\S+) (\d+) (\S) (.*)$/.exec(value) ?? [];
  // Compared as a boolean, since a megabyte is too much to print.
  const isWhole = owner === key && rest?.length === Number(length) && rest === letter.repeat(Number(length));
  expect(isWhole, `the value of ${key}, which begins with ${value.slice(0, 60)}, is whole`).toBe(true);
}

/** Sets, reads, deletes, touches and counts plain items of all sizes. */
export async function usePlainItems(port: number, seed: number, clock: SoakClock): Promise<number> {
  const random = new Random(seed);
  const client = await AskingClient.connect(port);
  let count = 0;
  for (; !clock.isOver; count++) {
    const key = `plain:${random.below(PLAIN_KEYS)}`;
    const choice = random.below(100);
    if (choice < 35) {
      const ttlSeconds = random.below(4) === 0 ? 1 + random.below(5) : 0;
      expect(await client.set(key, valueNaming(key, valueLength(random), random), ttlSeconds)).toBe('STORED');
    } else if (choice < 40) {
      const value = valueNaming(key, valueLength(random), random);
      const command = choice < 38 ? 'add' : 'replace';
      expect(await client.line(`${command} ${key} 0 0 ${value.length}\r\n${value}\r\n`)).toMatch(/^(NOT_)?STORED$/);
    } else if (choice < 45) {
      expect(await client.line(`delete ${key}\r\n`)).toMatch(/^(DELETED|NOT_FOUND)$/);
    } else if (choice < 50) {
      expect(await client.line(`touch ${key} ${random.below(10)}\r\n`)).toMatch(/^(TOUCHED|NOT_FOUND)$/);
    } else if (choice < 55) {
      const counted = await client.line('incr counter 1\r\n');
      if (counted === 'NOT_FOUND') await client.line('add counter 0 0 1\r\n0\r\n');
      else expect(counted).toMatch(/^\d+$/);
    } else {
      const value = await client.get(key);
      if (value !== undefined) expectWhole(key, value);
    }
  }
  client.close();
  return count;
}

/** One client's own bag: its count is known while the bag exists, whatever version of the type runs. */
export async function useBag(port: number, type: BagType, seed: number, clock: SoakClock): Promise<number> {
  const random = new Random(seed);
  const client = await AskingClient.connect(port);
  const bag = `${type}-${seed}`;
  let members = new Set<string>();
  let lastVersion = 0;
  let count = 0;
  for (; !clock.isOver; count++) {
    // Sometimes a bag grows large; then it is deleted.
    const member = `m${random.below(seed % 2 === 0 ? 50 : 20_000)}`;
    const choice = random.below(100);
    const method =
      choice < 60 ? 'put' : choice < 75 ? 'take' : choice < 80 ? 'spoil' : choice < 90 ? 'count' : 'version';
    const hasMember = method !== 'count' && method !== 'version';
    const reply = await askCall(client, `${type}:${method}:${bag}${hasMember ? `:${member}` : ''}`);
    if (reply === undefined || reply === 'ERROR_CACHE_MISS' || members.size > 10_000) {
      // Evicted, flushed, or large enough: makes a new one.
      if (members.size > 10_000) await client.line(`delete ${type}$${bag}\r\n`);
      expect(await askCall(client, `${type}:new:${bag}`)).toBe('CREATED');
      members = new Set();
      continue;
    }
    if (method === 'version') {
      expect(Number(reply)).toBeGreaterThanOrEqual(lastVersion);
      lastVersion = Number(reply);
      continue;
    }
    if (method === 'put') members.add(member);
    if (method === 'take') members.delete(member);
    if (method === 'spoil') expect(reply).toContain('spoiled on purpose');
    else expect(Number(reply)).toBe(members.size);
  }
  client.close();
  return count;
}

/** The result, the line of an error, or undefined for a miss. */
async function askCall(client: AskingClient, key: string): Promise<string | undefined> {
  const line = /^(END|VALUE \S+ \d+ \d+\r\n[^\r]*\r\nEND|[A-Z]+_ERROR [^\r]*)\r\n$/;
  const reply = await client.until(`get ${key}\r\n`, line);
  if (reply.startsWith('END')) return undefined;
  return reply.startsWith('VALUE') ? reply.split('\r\n')[1] : reply.trimEnd();
}

/** Requests many large values, reads them slowly or not at all, and then disconnects in the middle. */
export async function readSlowly(port: number, seed: number, clock: SoakClock): Promise<number> {
  const random = new Random(seed);
  let count = 0;
  for (; !clock.isOver; count++) {
    const socket = await connect(port);
    socket.pause();
    const key = `large:${seed}`;
    const value = 'v'.repeat(900_000);
    socket.write(`set ${key} 0 0 ${value.length} noreply\r\n${value}\r\n${`get ${key}\r\n`.repeat(20)}`);
    const turns = random.below(20);
    for (let turn = 0; turn < turns && !clock.isOver && !socket.destroyed; turn++) {
      await wait(100);
      socket.read(50_000);
    }
    socket.destroy();
  }
  return count;
}

/** Connects, sends half of a value, or half of a line, and disconnects. */
export async function leaveInTheMiddle(port: number, seed: number, clock: SoakClock): Promise<number> {
  const random = new Random(seed);
  let count = 0;
  for (; !clock.isOver; count++) {
    const socket = await connect(port);
    const length = 1 + random.below(MAX_VALUE_BYTES);
    socket.write(random.below(2) === 0 ? 'get pla' : `set half 0 0 ${length}\r\n${'h'.repeat(random.below(length))}`);
    await wait(random.below(50));
    socket.destroy();
  }
  return count;
}

async function connect(port: number): Promise<Socket> {
  const socket = createConnection(port, '127.0.0.1');
  // The server may close it first, which is correct after some of these requests.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
