// The records of a dump: an item or object each, in bytes that depend neither on the layout of the arena nor on the server's options. The stream
// that has them, with its checksums: app/portable. The content of an object: tables/portable/content-format.ts.
//
//   an item or object: | kind (u8: I or O) | marks (u8) | key length (u8) | version (u8) | client flags (u32) | expiry (u32) | key | value |
//   the first one:              C, then the date at which call.monotonicMs was 0, in milliseconds since 1970 (double)
//   one that could not be dumped:  S, then why, as a text
//   the end:                       E, then the numbers of items, of objects and of those that could not be dumped (doubles)
//
// The expiry is in seconds since 1970, 0 for never, so that the time until a load counts. The version is that of the type that has written the
// object. The value of an object is its content.

import type { ByteBuilder } from '../../base/byte-builder.js';
import { ByteReader } from '../../base/byte-reader.js';
import { MAX_CONTENT_BYTES } from '../../objects/calls/portable-objects.js';

export const RecordKind = { clock: 0x43, item: 0x49, object: 0x4f, skipped: 0x53, end: 0x45 } as const;

export const RecordMark = { stale: 1, pinnedByType: 2, pinnedByCall: 4 } as const;
const ALL_MARKS = 7;

/** Bytes before the key. */
const HEADER_BYTES = 12;
const MAX_KEY_BYTES = 250;
export const MAX_RECORD_BYTES = HEADER_BYTES + MAX_KEY_BYTES + MAX_CONTENT_BYTES;
const MAX_VERSION = 7;
const LATEST_SECOND = 0xffff_ffff;

export interface ItemRecord {
  readonly isObject: boolean;
  readonly marks: number;
  readonly version: number;
  readonly clientFlags: number;
  readonly expiresAtUnix: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Of a dump, by what has become of each. */
export interface DumpCounts {
  readonly items: number;
  readonly objects: number;
  readonly skipped: number;
}

/** Appends what comes before the value. */
export function beginItem(
  to: ByteBuilder,
  { isObject, marks, version, clientFlags, expiresAtUnix, key }: Omit<ItemRecord, 'value'>,
): void {
  to.u8(isObject ? RecordKind.object : RecordKind.item);
  to.u8(marks);
  to.u8(key.length);
  to.u8(version);
  to.u32(clientFlags);
  to.u32(Math.min(expiresAtUnix, LATEST_SECOND));
  to.add(key);
}

/** Throws RangeError for bytes that are no record of an item or object. */
export function readItem(bytes: Uint8Array): ItemRecord {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  if (kind !== RecordKind.item && kind !== RecordKind.object) throw new RangeError('it is of no known kind');
  const marks = reader.u8();
  const keyLength = reader.u8();
  const version = reader.u8();
  const clientFlags = reader.u32();
  const expiresAtUnix = reader.u32();
  const isObject = kind === RecordKind.object;
  if (marks > ALL_MARKS) throw new RangeError('it has an unknown mark');
  if (keyLength === 0 || keyLength > MAX_KEY_BYTES) throw new RangeError('a key has 1 to 250 bytes');
  if (isObject !== version > 0 || version > MAX_VERSION) throw new RangeError(`there is no version ${version}`);
  const key = reader.bytes(keyLength);
  if (isObject && key.indexOf(DOLLAR) < 1) throw new RangeError('the key of an object has a type, then a $');
  return { isObject, marks, version, clientFlags, expiresAtUnix, key, value: reader.rest() };
}

const DOLLAR = 0x24;

export function addClock(to: ByteBuilder, monotonicFromMs: number): void {
  to.u8(RecordKind.clock);
  to.double(monotonicFromMs);
}

/** Throws RangeError. */
export function readClock(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== RecordKind.clock) throw new RangeError('it is no clock');
  const monotonicFromMs = reader.double();
  reader.demandEnd();
  if (!(monotonicFromMs >= 0)) throw new RangeError('its clock began before 1970');
  return monotonicFromMs;
}

export function addEnd(to: ByteBuilder, { items, objects, skipped }: DumpCounts): void {
  to.u8(RecordKind.end);
  for (const count of [items, objects, skipped]) to.double(count);
}

/** Throws RangeError. */
export function readEnd(bytes: Uint8Array): DumpCounts {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== RecordKind.end) throw new RangeError('it is no end');
  const counts = { items: reader.double(), objects: reader.double(), skipped: reader.double() };
  reader.demandEnd();
  return counts;
}
