// The stream of a dump: what `cacheismo dump` prints and `cacheismo load` reads.
//
//   the line `cacheismo-dump 1`, then for each record, the last of which is the end:
//   | length (u32) | record | CRC-32 (u32) of everything before it, other checksums not included |
//
// Numbers are little-endian. So each record is checked before it is used, together with those before it: none can be missing, or come from
// another stream. The records: operations/portable/record.ts.

import { crc32 } from 'node:zlib';
import { MAX_RECORD_BYTES, RecordKind, readClock, readEnd, readItem } from '../../operations/portable/record.js';
import { checkContent } from '../../tables/portable/content-reader.js';
import type { ByteSource } from './byte-source.js';

const FORMAT_VERSION = 1;
const NAME = 'cacheismo-dump';
const START = Buffer.from(`${NAME} ${FORMAT_VERSION}\n`);
const NUMBER_BYTES = 4;
const NO_KEY = Buffer.alloc(0);

/** The stream is damaged, not complete, or no dump: in one line. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
}

export class StreamWriter {
  #checksum = crc32(START);
  readonly start: Buffer = START;

  /** The bytes of a record, in parts. */
  add(record: Uint8Array): readonly Uint8Array[] {
    const length = numberOf(record.length);
    this.#checksum = crc32(record, crc32(length, this.#checksum));
    return [length, record, numberOf(this.#checksum)];
  }
}

export interface ReadRecord {
  /** Whether it is the clock of the dumped server, which has no key. */
  readonly isClock: boolean;
  readonly isObject: boolean;
  readonly key: Uint8Array;
  readonly bytes: Buffer;
}

/** The clock, the items and objects of a stream, each of which is checked. Throws StreamError, at the end too if there are fewer than there were. */
export async function* recordsOf(source: ByteSource): AsyncGenerator<ReadRecord> {
  await demandStart(source);
  let checksum = crc32(START);
  const counts = { items: 0, objects: 0 };
  for (let number = 1; ; number++) {
    const at = source.position;
    const place = `record ${number}, at byte ${at},`;
    const length = await takeWhole(source, NUMBER_BYTES, number);
    const recordBytes = length.readUInt32LE();
    if (recordBytes > MAX_RECORD_BYTES) throw new StreamError(`${place} is damaged: its length is impossible`);
    const bytes = await takeWhole(source, recordBytes, number);
    const expected = (await takeWhole(source, NUMBER_BYTES, number)).readUInt32LE();
    checksum = crc32(bytes, crc32(length, checksum));
    if (checksum !== expected) throw new StreamError(`${place} is damaged: its checksum differs`);
    if (bytes[0] === RecordKind.end) {
      const { items, objects } = checked(place, () => readEnd(bytes));
      if (items !== counts.items || objects !== counts.objects) {
        throw new StreamError(
          `there are ${counts.items} items and ${counts.objects} objects of ${items} and ${objects}`,
        );
      }
      if ((await source.take(1)).length > 0) throw new StreamError('there are bytes after its end');
      return;
    }
    if (bytes[0] === RecordKind.clock) {
      checked(place, () => readClock(bytes));
      yield { isClock: true, isObject: false, key: NO_KEY, bytes };
      continue;
    }
    const { isObject, key, value } = checked(place, () => readItem(bytes));
    if (isObject) checked(place, () => checkContent(value));
    counts[isObject ? 'objects' : 'items']++;
    yield { isClock: false, isObject, key, bytes };
  }
}

async function demandStart(source: ByteSource): Promise<void> {
  const start = await source.takeLine(START.length + 8);
  if (start.equals(START)) return;
  const version = /^cacheismo-dump (\d+)\n$/.exec(start.toString('latin1'))?.[1];
  if (version === undefined) throw new StreamError('it is no dump of cacheismo, or its start is missing');
  throw new StreamError(`it has version ${version} of the format; this cacheismo reads version ${FORMAT_VERSION}`);
}

async function takeWhole(source: ByteSource, length: number, number: number): Promise<Buffer> {
  const bytes = await source.take(length);
  if (bytes.length === length) return bytes;
  throw new StreamError(`it ends in the middle of record ${number}, at byte ${source.position}; the rest is missing`);
}

/** What a record's checksum does not rule out: a stream that something else has made. */
function checked<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new StreamError(`${place} is damaged: ${thrown.message}`, { cause: thrown });
  }
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeUInt32LE(value);
  return bytes;
}
