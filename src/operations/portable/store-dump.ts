// Makes a dump of the store in slices: the records (record.ts) of all items, each as it is when its turn comes. An item that is stored while the
// dump runs may be missing, one that exists during the whole dump is in it.

import { ChunkKind, kindOf } from '../../arena/chunk.js';
import { ByteBuilder } from '../../base/byte-builder.js';
import { latin1 } from '../../base/latin1.js';
import { PortableFailure } from '../../objects/calls/portable-objects.js';
import { INDEX_NEXT_WORD, ItemOption } from '../../store/item.js';
import type { Store } from '../../store/store.js';
import { isStale } from '../item-state.js';
import { workWindow } from '../operation-options.js';
import type { Operations } from '../operations.js';
import type { ItemRef } from '../outcomes.js';
import type { VirtualKeys } from '../virtual-keys.js';
import { ItemOrder } from './item-order.js';
import { addClock, addEnd, beginItem, RecordKind, RecordMark } from './record.js';

/** A slice ends after this time, or with somewhat more bytes than this; then other clients have their turn. */
const SLICE_MS = 0.3;
const SLICE_BYTES = 32 * 1024;
/** Bytes of the length before each record. */
const LENGTH_BYTES = 4;
/** The version in the record of a plain item, and of an object until it is known. */
const NO_VERSION = 0;

interface DumpParts extends Pick<Operations, 'store' | 'clock' | 'bytes' | 'scratch'> {
  /** Undefined without objects. */
  readonly virtualKeys: Pick<VirtualKeys, 'portable'> | undefined;
}

export class StoreDump {
  readonly #counts = { items: 0, objects: 0, skipped: 0 };
  readonly #out = new ByteBuilder();
  readonly #order: ItemOrder;
  #hasClock = false;
  #isDone = false;

  constructor(private readonly parts: DumpParts) {
    this.#order = new ItemOrder(parts.store, workWindow(parts.scratch).at);
  }

  /** The next records, each after its length (u32), valid until the next call; undefined after the end. It may be empty. */
  next(): Uint8Array | undefined {
    if (this.#isDone) return undefined;
    const out = this.#out;
    const { clock } = this.parts;
    const untilMs = performance.now() + SLICE_MS;
    out.clear();
    if (!this.#hasClock) {
      this.#add(() => addClock(out, clock.monotonicFromMs));
      this.#hasClock = true;
    }
    if (!this.#order.isCollected) {
      this.#order.collect(untilMs, clock.now);
      return out.view();
    }
    do {
      const hashes = this.#order.take();
      if (hashes === undefined) {
        this.#add(() => addEnd(out, this.#counts));
        this.#isDone = true;
        break;
      }
      for (const hash of hashes) this.#addItems(hash);
    } while (out.length < SLICE_BYTES && performance.now() < untilMs);
    return out.view();
  }

  /** All items whose keys have the hash: nearly always one. Others are not at their place in the order. */
  #addItems(hash: number): void {
    const { arena, index, lookup } = this.parts.store;
    const { words } = arena;
    const found: ItemRef[] = [];
    for (let entry = words[index.bucketWord(hash)]; entry !== 0; entry = words[entry * 2 + INDEX_NEXT_WORD]) {
      const isItem = kindOf(words[entry * 2]) === ChunkKind.item;
      if (isItem && lookup.hashOfItem(entry) === hash) found.push(entry as ItemRef);
    }
    for (const item of found) {
      const expiresAt = this.parts.store.expiresAt(item);
      if (expiresAt !== 0 && expiresAt <= this.parts.clock.now) continue;
      if (this.parts.store.items.has(item, ItemOption.object)) this.#addObject(item);
      else this.#add(() => this.#addPlain(item));
    }
  }

  #addPlain(item: ItemRef): void {
    const { bytes, scratch, store } = this.parts;
    this.#begin(item, false);
    const length = store.valueLength(item);
    const { at, size } = workWindow(scratch);
    for (let offset = 0; offset < length; offset += size) {
      const part = Math.min(size, length - offset);
      store.copyValue(item, offset, part, at);
      this.#out.add(bytes.subarray(at, at + part));
    }
    this.#counts.items++;
  }

  #addObject(item: ItemRef): void {
    const out = this.#out;
    const start = out.length;
    const key = this.#keyOf(item);
    try {
      this.#add(() => this.#addContent(item, key));
      this.#counts.objects++;
    } catch (thrown) {
      if (!(thrown instanceof PortableFailure)) throw thrown;
      out.cut(start);
      this.#counts.skipped++;
      this.#add(() => {
        out.u8(RecordKind.skipped);
        out.text(`${latin1(key, 0, key.length)}: ${thrown.message}`);
      });
    }
  }

  #addContent(item: ItemRef, key: Uint8Array): void {
    const { bytes, scratch, virtualKeys } = this.parts;
    if (virtualKeys === undefined) throw new PortableFailure('objects are switched off', false);
    const header = this.#out.length;
    this.#begin(item, true);
    const { at } = workWindow(scratch);
    bytes.set(key, at);
    const { version, isPinnedByType, isPinnedByCall } = virtualKeys.portable.write(at, key.length, this.#out);
    const marks = (isPinnedByType ? RecordMark.pinnedByType : 0) | (isPinnedByCall ? RecordMark.pinnedByCall : 0);
    this.#out.setU8(header + 1, marks);
    this.#out.setU8(header + 3, version);
  }

  #begin(item: ItemRef, isObject: boolean): void {
    const { clock, store } = this.parts;
    const expiresAt = store.expiresAt(item);
    beginItem(this.#out, {
      isObject,
      marks: isStale(store, item) ? RecordMark.stale : 0,
      version: NO_VERSION,
      clientFlags: store.clientFlags(item),
      expiresAtUnix: expiresAt === 0 ? 0 : clock.toUnix(expiresAt),
      key: this.#keyOf(item),
    });
  }

  /** A copy: what follows may move the item. */
  #keyOf(item: ItemRef): Uint8Array {
    const { store }: { store: Store } = this.parts;
    const position = store.keyPosition(item);
    const start = store.arena.indexOf(position);
    return store.arena.viewOf(position).slice(start, start + store.keyLength(item));
  }

  /** Puts the length before a record. */
  #add(write: () => void): void {
    const out = this.#out;
    const at = out.length;
    out.u32(0);
    write();
    out.setU32(at, out.length - at - LENGTH_BYTES);
  }
}
