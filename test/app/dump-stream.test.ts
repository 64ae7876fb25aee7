// The stream of a dump: what has been damaged, cut, joined or made by something else is refused in one line.

import { expect, test } from 'vitest';
import { ByteSource } from '../../src/app/portable/byte-source.js';
import { recordsOf, StreamError, StreamWriter } from '../../src/app/portable/dump-stream.js';
import { Random } from '../../src/base/random.js';
import { portableServer, recordsOf as recordsOfReply } from '../operations/portable-harness.js';

function streamOf(): Buffer {
  const server = portableServer();
  server.ask(`set a 0 0 1\r\nx\r\nset b 0 0 30000\r\n${'y'.repeat(30_000)}\r\nget all:fill:a\r\nget all:list:b\r\n`);
  const { clock, end, records } = recordsOfReply(server.ask('dump\r\n'));
  const writer = new StreamWriter();
  return Buffer.concat([
    writer.start,
    ...[clock, ...records, end].flatMap((record) => writer.add(Buffer.from(record, 'latin1'))),
  ]);
}

async function* chunksOf(bytes: Buffer, chunkBytes = 10_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** The number of items and objects. */
async function read(bytes: Buffer, chunkBytes?: number): Promise<number> {
  let count = 0;
  for await (const { isClock } of recordsOf(new ByteSource(chunksOf(bytes, chunkBytes)))) if (!isClock) count++;
  return count;
}

test('a stream is read in chunks of any size', async () => {
  const stream = streamOf();
  for (const chunkBytes of [1, 3, 1000, stream.length]) expect(await read(stream, chunkBytes)).toBe(4);
});

test('2,000 damaged streams are each refused with one line', async () => {
  const stream = streamOf();
  const random = new Random();
  random.seed(0, 3);
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const attempt = async (bytes: Buffer, what: string) => {
    const failure: unknown = await read(bytes).then(
      () => `${what} was not refused`,
      (error: unknown) => error,
    );
    expect(failure, what).toBeInstanceOf(StreamError);
    expect((failure as Error).message).toMatch(/^[ -~]{10,200}$/);
  };
  for (let count = 0; count < 1500; count++) {
    // Most of the stream is long texts; the records begin at its start and at its end.
    const at = count % 2 === 0 ? below(stream.length) : (stream.length - 60 + below(90)) % stream.length;
    const flipped = Buffer.from(stream);
    flipped[at] ^= 1 << below(8);
    await attempt(flipped, `bit flipped in byte ${at}`);
  }
  for (let count = 0; count < 300; count++) {
    const length = below(stream.length);
    await attempt(stream.subarray(0, length), `cut at ${length}`);
  }
  for (let count = 0; count < 200; count++) {
    const at = below(stream.length - 100);
    const parts = [stream.subarray(0, at), stream.subarray(at + 1 + below(90))];
    await attempt(Buffer.concat(parts), `bytes left out at ${at}`);
  }
  await attempt(Buffer.concat([stream, stream]), 'twice');
  await attempt(Buffer.concat([stream, Buffer.from('x')]), 'more bytes');
  await attempt(Buffer.alloc(0), 'nothing');
});

test('a record that belongs to another stream is refused although its own checksum is right', async () => {
  const [one, other] = ['a', 'b'].map((key) => {
    const server = portableServer();
    server.ask(`set ${key} 0 0 1\r\nx\r\nset z 0 0 1\r\nx\r\n`);
    const { end, records } = recordsOfReply(server.ask('dump\r\n'));
    const writer = new StreamWriter();
    const frames = [...records, end].map((record) => Buffer.concat(writer.add(Buffer.from(record, 'latin1'))));
    return [writer.start, ...frames];
  });
  expect(await read(Buffer.concat(one))).toBe(2);
  for (const index of [1, 2, 3]) {
    await expect(read(Buffer.concat(one.with(index, other[index])))).rejects.toThrow(
      /is damaged: its checksum differs/,
    );
  }
  await expect(read(Buffer.concat(one.toSpliced(1, 1)))).rejects.toThrow(/is damaged/);
});
