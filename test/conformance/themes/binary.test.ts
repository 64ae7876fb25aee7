// What memcached's authors expect of the binary protocol: one client's conversation with the built server, from the first version to the
// statistics at its end. Requests one by one: test/protocols/binary.

import { createConnection, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startProcess } from '../../app/server-process.js';
import {
  type FrameParts,
  frame,
  numberExtras,
  Opcode,
  type OpcodeName,
  type ReplyFrame,
  readFrames,
  storageExtras,
} from '../../protocols/binary/frames.js';

const Status = { ok: 0, notFound: 1, exists: 2, tooLarge: 3, invalid: 4, notStored: 5, nonNumeric: 6, unknown: 0x81 };
const NEVER_CREATE = 0xffffffff;

let server: ServerProcess;
let client: BinaryClient;

class BinaryClient {
  #received = Buffer.alloc(0);
  #wake = (): void => {};
  isClosed = false;

  constructor(private readonly socket: Socket) {
    const end = (): void => {
      this.isClosed = true;
      this.#wake();
    };
    socket.on('close', end).on('error', end);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  /** All replies up to that of a noop behind the requests, without it; or up to the end of the connection. */
  async all(...requests: readonly Buffer[]): Promise<readonly ReplyFrame[]> {
    this.socket.write(Buffer.concat([...requests, frame(Opcode.noop, { opaque: 0x7e57 })]));
    for (;;) {
      const { length, replies } = readFrames(this.#received);
      if (this.isClosed || replies.at(-1)?.opaque === 0x7e57) {
        this.#received = this.#received.subarray(length);
        return replies.filter(({ opaque }) => opaque !== 0x7e57);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async one(name: OpcodeName, parts: FrameParts = {}): Promise<ReplyFrame> {
    const [reply, ...more] = await this.all(frame(Opcode[name], parts));
    expect(more).toEqual([]);
    return reply;
  }

  store(name: OpcodeName, key: string, value: string, more: FrameParts = {}): Promise<ReplyFrame> {
    return this.one(name, { key, value, extras: storageExtras(5), ...more });
  }

  async get(key: string): Promise<string | undefined> {
    const { status, value } = await this.one('get', { key });
    return status === Status.ok ? value : undefined;
  }

  async count(name: OpcodeName, key: string, delta: bigint, initial = 0n, exptime = 0): Promise<bigint | number> {
    const { status, value } = await this.one(name, { key, extras: numberExtras(delta, initial, exptime) });
    return status === Status.ok ? Buffer.from(value, 'latin1').readBigUInt64BE() : status;
  }

  close(): void {
    this.socket.destroy();
  }
}

const connect = () => new BinaryClient(createConnection(server.port, '127.0.0.1'));

beforeAll(async () => {
  server = await startProcess(['-t', '1']);
  client = connect();
});

afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

test('values are set, added, replaced, joined, deleted and flushed under their conditions', async () => {
  expect((await client.one('version')).value).toMatch(/^\d/);
  expect((await client.one('stat', { key: 'detail on' })).status).toBe(Status.ok);
  expect((await client.store('set', 'x', 'somevalue')).cas).not.toBe(0n);
  expect(await client.one('get', { key: 'x' })).toMatchObject({
    value: 'somevalue',
    extras: Buffer.from([0, 0, 0, 5]),
  });
  expect((await client.one('delete', { key: 'x' })).status).toBe(Status.ok);
  expect((await client.one('delete', { key: 'x' })).status).toBe(Status.notFound);
  expect((await client.store('add', 'i', 'ex')).status).toBe(Status.ok);
  expect((await client.store('add', 'i', 'ex2')).status).toBe(Status.exists);
  expect((await client.store('replace', 'j', 'ex')).status).toBe(Status.notFound);
  expect((await client.one('append', { key: 'j', value: 'x' })).status).toBe(Status.notStored);
  await client.one('append', { key: 'i', value: ' more' });
  await client.one('prepend', { key: 'i', value: 'prefixed ' });
  expect(await client.get('i')).toBe('prefixed ex more');
  expect((await client.one('flush')).status).toBe(Status.ok);
  expect(await client.get('i')).toBeUndefined();
});

test('a value that is too large is refused, takes the old one with it and leaves the connection usable', async () => {
  await client.store('set', 'big', 'not too big');
  expect((await client.store('set', 'big', 'x'.repeat(1024 ** 2 + 1))).status).toBe(Status.tooLarge);
  expect(await client.get('big')).toBeUndefined();
});

test('numbers have 64 bits, are created on request, stop at 0 and wrap', async () => {
  expect(await client.count('increment', 'n', 1n, 0n, NEVER_CREATE)).toBe(Status.notFound);
  expect(await client.count('increment', 'n', 1n)).toBe(0n);
  expect(await client.count('increment', 'n', 2n ** 33n)).toBe(2n ** 33n);
  expect(await client.count('decrement', 'n', 2n ** 40n)).toBe(0n);
  expect(await client.count('increment', 'n', 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
  expect(await client.count('increment', 'n', 2n)).toBe(1n);
  await client.store('set', 'text', 'hi');
  expect(await client.count('increment', 'text', 1n)).toBe(Status.nonNumeric);
});

test('a token is compared by set, append and increment', async () => {
  expect((await client.store('set', 'none', 'v', { cas: 0x7fffffffffn })).status).toBe(Status.notFound);
  const { cas } = await client.store('add', 'token', '7');
  const wrong = cas + 1n;
  expect((await client.store('set', 'token', '8', { cas: wrong })).status).toBe(Status.exists);
  expect((await client.one('append', { key: 'token', value: '9', cas: wrong })).status).toBe(Status.exists);
  const counted = await client.one('increment', { key: 'token', extras: numberExtras(1n), cas: wrong });
  expect(counted.status).toBe(Status.exists);
  expect((await client.store('set', 'token', '8', { cas })).status).toBe(Status.ok);
  expect((await client.store('set', 'token', '9', { cas })).status).toBe(Status.exists);
});

test('quiet requests succeed in silence and fail aloud; misses of quiet gets are silent, in the order of the pipeline', async () => {
  const extras = storageExtras();
  expect(await client.all(frame(Opcode.setq, { key: 'q', value: '1', extras }))).toEqual([]);
  const replies = await client.all(
    frame(Opcode.addq, { key: 'q', value: '2', extras, opaque: 1 }),
    frame(Opcode.replaceq, { key: 'nq', value: '2', extras, opaque: 2 }),
    frame(Opcode.deleteq, { key: 'nq', opaque: 3 }),
    frame(Opcode.appendq, { key: 'nq', value: 'x', opaque: 4 }),
    frame(Opcode.incrementq, { key: 'q', extras: numberExtras(1n), opaque: 5 }),
    frame(Opcode.getq, { key: 'nq', opaque: 6 }),
    frame(Opcode.getkq, { key: 'q', opaque: 7 }),
    frame(Opcode.appendq, { key: 'q', value: '0', opaque: 8 }),
    frame(Opcode.get, { key: 'q', opaque: 9 }),
  );
  expect(replies.map(({ opaque, status, key, value }) => [opaque, status, key + value])).toEqual([
    [1, Status.exists, 'Data exists for key.'],
    [2, Status.notFound, 'Not found'],
    [3, Status.notFound, 'Not found'],
    [4, Status.notStored, 'Not stored.'],
    [7, Status.ok, 'q2'],
    [9, Status.ok, '20'],
  ]);
  expect(await client.all(frame(Opcode.flushq))).toEqual([]);
  expect(await client.get('q')).toBeUndefined();
});

test('touch, gat and gatk give a new expiry', async () => {
  const expiry = Buffer.from([0, 0, 0, 100]);
  expect((await client.one('touch', { key: 't', extras: expiry })).status).toBe(Status.notFound);
  await client.store('set', 't', 'v');
  expect((await client.one('touch', { key: 't', extras: expiry })).status).toBe(Status.ok);
  expect(await client.one('gat', { key: 't', extras: expiry })).toMatchObject({ key: '', value: 'v' });
  expect(await client.one('gatk', { key: 't', extras: expiry })).toMatchObject({ key: 't', value: 'v' });
});

describe('a frame', () => {
  test('with an unknown opcode is refused alone', async () => {
    const replies = await client.all(frame(0x50, { opaque: 1 }), frame(Opcode.version, { opaque: 2 }));
    expect(replies.map(({ opaque, status }) => [opaque, status])).toEqual([
      [1, Status.unknown],
      [2, Status.ok],
    ]);
  });

  test.each([
    ['a get with extras', frame(Opcode.get, { key: 'a', extras: storageExtras() })],
    ['a get without a key', frame(Opcode.get)],
    ['a set without extras', frame(Opcode.set, { key: 'a', value: 'x' })],
    ['a key of 251 bytes', frame(Opcode.get, { key: 'k'.repeat(251) })],
    ['an increment with short extras', frame(Opcode.increment, { key: 'a', extras: Buffer.alloc(4) })],
  ])('that is malformed closes the connection: %s', async (_name, bytes) => {
    const other = connect();
    const replies = await other.all(bytes);
    expect(replies.map(({ status }) => status)).toEqual([Status.invalid]);
    expect(other.isClosed).toBe(true);
  });
});

test('statistics agree with what was done, and those by prefix are one row', async () => {
  await client.one('stat', { key: 'reset' });
  await client.store('set', 's:a', '1');
  await client.get('s:a');
  await client.get('s:b');
  const rows = await client.all(frame(Opcode.stat));
  const names = new Map(rows.map(({ key, value }) => [key, value]));
  expect(rows.at(-1)).toMatchObject({ key: '', value: '' });
  for (const [name, value] of Object.entries({ cmd_set: '1', cmd_get: '2', get_hits: '1', evictions: '0' })) {
    expect([name, names.get(name)]).toEqual([name, value]);
  }
  const [detailed] = await client.all(frame(Opcode.stat, { key: 'detail dump' }));
  expect(detailed).toMatchObject({ key: 'detailed', value: 'PREFIX s get 2 hit 1 set 1 del 0\r\nEND\r\n' });
  expect((await client.one('stat', { key: 'bogus' })).status).toBe(Status.notFound);
});

test('quit says goodbye, quitq does not', async () => {
  for (const [name, count] of [
    ['quit', 1],
    ['quitq', 0],
  ] as const) {
    const other = connect();
    expect(await other.all(frame(Opcode[name]))).toHaveLength(count);
    expect(other.isClosed).toBe(true);
  }
});
