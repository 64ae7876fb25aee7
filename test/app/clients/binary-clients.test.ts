// The binary protocol over sockets to the built server, with both transports: large values, pipelines, text and binary clients together,
// and the option that allows only one protocol.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WireClient } from '../../conformance/wires.js';
import { frame, Opcode, type ReplyFrame, readFrames, storageExtras } from '../../protocols/binary/frames.js';
import { startPlain } from '../server-process.js';

const extras = storageExtras(7);
const VALUE_BYTES = 900_000;
const VALUES = 8;
const REPLY_BYTES = 24 + 4 + 'large'.length + VALUE_BYTES;
const value = Buffer.from(Array.from({ length: VALUE_BYTES }, (_, index) => (index * 7) % 251)).toString('latin1');

async function clientOf(port: number): Promise<WireClient> {
  return await WireClient.on(connect(port, '127.0.0.1'));
}

/** The replies up to the one with this opaque. */
async function take(client: WireClient, opaque: number): Promise<readonly ReplyFrame[]> {
  const isEnough = (received: Buffer) => readFrames(received).replies.at(-1)?.opaque === opaque;
  return readFrames(await client.take(isEnough)).replies;
}

describe.each(['epoll', 'net'])('with the transport %s', (transport) => {
  test('a pipeline of large values arrives completely, though it exceeds an output window', async () => {
    await using server = await startPlain('--transport', transport);
    using client = await clientOf(server.port);
    client.send(frame(Opcode.set, { key: 'large', value, extras, opaque: 1 }));
    expect((await take(client, 1))[0]).toMatchObject({ status: 0 });
    const gets = Array.from({ length: VALUES }, () => frame(Opcode.getk, { key: 'large', opaque: 2 }));
    client.send(Buffer.concat([...gets, frame(Opcode.noop, { opaque: 3 })]));
    const received = await client.take((bytes) => bytes.length >= VALUES * REPLY_BYTES + 24);
    const { replies } = readFrames(received);
    expect(replies).toHaveLength(VALUES + 1);
    expect(replies.slice(0, VALUES).every((reply) => reply.key === 'large' && reply.value === value)).toBe(true);
  });

  test('text and binary clients on one port share the items', async () => {
    await using server = await startPlain('--transport', transport);
    using binary = await clientOf(server.port);
    using text = await clientOf(server.port);
    for (let round = 0; round < 50; round++) {
      const [key, other] = [`b${round}`, `t${round}`];
      binary.send(frame(Opcode.set, { key, value: 'from binary', extras, opaque: round }));
      text.send(Buffer.from(`set ${other} 7 0 9\r\nfrom text\r\n`));
      expect(await take(binary, round)).toHaveLength(1);
      const stored = (received: Buffer) => received.toString() === 'STORED\r\n';
      expect(stored(await text.take(stored))).toBe(true);
      binary.send(frame(Opcode.get, { key: other, opaque: round }));
      text.send(Buffer.from(`get ${key}\r\n`));
      expect(await take(binary, round)).toMatchObject([{ value: 'from text' }]);
      const wanted = `VALUE ${key} 7 11\r\nfrom binary\r\nEND\r\n`;
      expect(String(await text.take((received) => received.length >= wanted.length))).toBe(wanted);
    }
  });

  test('-B binary serves binary clients and closes others', async () => {
    await using server = await startPlain('-B', 'binary', '--transport', transport);
    using binary = await clientOf(server.port);
    binary.send(frame(Opcode.noop, { opaque: 5 }));
    expect(await take(binary, 5)).toHaveLength(1);
    using text = await clientOf(server.port);
    text.send(Buffer.from('version\r\n'));
    expect(await text.untilEnded()).toBe(true);
    expect(await text.take(() => true)).toHaveLength(0);
  });
});
