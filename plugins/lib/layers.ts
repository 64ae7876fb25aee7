// The layers of a Bloom filter: byte arrays of a header and bits. The type: ../bloom.ts.

import type { ByteArray, CallContext, Table } from 'cacheismo';

/** In the header: members added (u32), the most that may be (u32), hash functions (u8), layers of the generation before this one (u8), whether it
    is the first layer of a filter that does not end (u8), */
export const ITEMS = 0;
export const CAPACITY = 4;
export const HASHES = 8;
export const DEPTH = 9;
export const LASTS = 10;
/** when the generation takes no more, and when it is forgotten (f64, milliseconds of the server's clock). */
export const ENDS = 16;
export const FORGOTTEN = 24;
export const HEADER_BYTES = 32;
/** Above the hash functions, in the word of the only layer of a filter that does not end. Earlier versions of this file left out the mark. */
const ONLY = 1 << ((LASTS - DEPTH) * 8);

/** A layer that counts, read once for all members of a call. */
export interface Layer {
  readonly array: ByteArray;
  readonly hashes: number;
  readonly depth: number;
  readonly ends: number;
  readonly capacity: number;
  readonly itemsBefore: number;
  /** Members added, which `save` stores. */
  items: number;
}

function layerOf(array: ByteArray): Layer {
  const hashesAndDepth = array.getU16(HASHES);
  const items = array.getU32(ITEMS);
  return {
    array,
    hashes: hashesAndDepth & 0xff,
    depth: hashesAndDepth >>> 8,
    ends: array.getF64(ENDS),
    capacity: array.getU32(CAPACITY),
    itemsBefore: items,
    items,
  };
}

/** The layers that still count, the newest first. */
export function layersOf(self: Table, call: CallContext): Layer[] {
  let number = self.get('newest') as number | undefined;
  if (number === undefined) return [];
  const newest = layerOf(self.bytes(number));
  if (newest.ends === Number.POSITIVE_INFINITY && newest.depth === 0) return [newest];
  const now = call.monotonicMs;
  if (newest.array.getF64(FORGOTTEN) <= now) return [];
  const layers = [newest];
  for (const oldest = self.get('oldest') as number; --number >= oldest; ) {
    const array = self.bytes(number);
    if (array.getF64(FORGOTTEN) <= now) break;
    layers.push(layerOf(array));
  }
  return layers;
}

export function contains({ array, hashes }: Layer, [high, low]: readonly [high: number, low: number]): boolean {
  return array.hasHashed(high, low, hashes, HEADER_BYTES);
}

/** Reading the clock takes a twentieth of adding a member, and most filters do not end. */
export function hasEnded({ ends }: Layer, call: CallContext): boolean {
  return ends !== Number.POSITIVE_INFINITY && call.monotonicMs >= ends;
}

export function saveItems({ array, items, itemsBefore }: Layer): void {
  if (items > itemsBefore) array.setU32(ITEMS, items);
}

/** Adds a member where one layer lasts, as in most filters, of which no more is read than is needed: 1 if it is new, 0 if it is not; undefined where
    there are more layers, or no room. */
export function addToOnly(self: Table, member: string, call: CallContext): number | undefined {
  const newest = self.get('newest') as number | undefined;
  if (newest === undefined) return undefined;
  const layer = self.bytes(newest);
  const marks = layer.getU32(HASHES);
  if (marks >>> 8 !== ONLY) return undefined;
  const items = layer.getU32(ITEMS);
  if (items >= layer.getU32(CAPACITY)) return undefined;
  const hash = call.hash64(member);
  if (layer.setHashed(hash[0], hash[1], marks & 0xff, HEADER_BYTES) === 0) return 0;
  layer.setU32(ITEMS, items + 1);
  return 1;
}

/** Whether a member was probably added, 1 or 0; undefined where there are more layers. */
export function onlyHas(self: Table, member: string, call: CallContext): number | undefined {
  const newest = self.get('newest') as number | undefined;
  if (newest === undefined) return 0;
  const layer = self.bytes(newest);
  const marks = layer.getU32(HASHES);
  if (marks >>> 8 !== ONLY) return undefined;
  const hash = call.hash64(member);
  return layer.hasHashed(hash[0], hash[1], marks & 0xff, HEADER_BYTES) ? 1 : 0;
}
