// Makes a dump of the store in slices: the records (record.ts) of all items, each as it is when its turn comes. An item that is stored while the
// dump runs may be missing, one that exists during the whole dump is in it. The record of a large object takes several slices (object-record.ts).

import { ChunkKind, kindOf } from '../../arena/chunk.js';
import { ByteBuilder } from '../../base/byte-builder.js';
import { latin1 } from '../../base/latin1.js';
import { PortableFailure } from '../../objects/calls/portable-objects.js';
import { INDEX_NEXT_WORD, ItemOption } from '../../store/item.js';
import { workWindow } from '../operation-options.js';
import type { ItemRef } from '../outcomes.js';
import { addHeader, type DumpParts, keyOf, LENGTH_BYTES, SLICE_BYTES, SLICE_MS } from './dump-parts.js';
import { ItemOrder } from './item-order.js';
import { ObjectRecord } from './object-record.js';
import { addClock, addEnd, RecordKind } from './record.js';

export class StoreDump {
  readonly #counts = { items: 0, objects: 0, skipped: 0 };
  readonly #out = new ByteBuilder();
  readonly #order: ItemOrder;
  /** Hashes that were taken, and keys of items of one hash, whose turn has come. */
  #hashes: number[] = [];
  readonly #keys: Uint8Array[] = [];
  /** The object whose record is not complete. */
  #object: ObjectRecord | undefined;
  /** Parts of a complete record, the next one last. */
  #ready: Uint8Array[] = [];
  #hasClock = false;
  #isDone = false;

  constructor(private readonly parts: DumpParts) {
    this.#order = new ItemOrder(parts.store, workWindow(parts.scratch).at);
  }

  /** The next records, each after its length (u32), or a part of one, valid until the next call; undefined after the end. It may be empty. */
  next(): Uint8Array | undefined {
    const part = this.#ready.pop();
    if (part !== undefined) return part;
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
      if (!this.#addNext()) {
        this.#add(() => addEnd(out, this.#counts));
        this.#isDone = true;
        break;
      }
    } while (this.#isBetweenRecords && out.length < SLICE_BYTES && performance.now() < untilMs);
    return this.#ready.pop() ?? out.view();
  }

  /** No record is under way, and none waits to be sent. */
  get #isBetweenRecords(): boolean {
    return this.#object === undefined && this.#ready.length === 0;
  }

  /** No further slice is wanted. */
  close(): void {
    this.#object?.close();
    this.#object = undefined;
    this.#isDone = true;
  }

  /** Of what is due next, which may be nothing; false at the end. */
  #addNext(): boolean {
    if (this.#object !== undefined) {
      this.#continue(this.#object);
      return true;
    }
    const key = this.#keys.pop();
    if (key !== undefined) {
      this.#addItem(this.#find(key));
      return true;
    }
    const hashes = this.#hashes.length > 0 ? this.#hashes : this.#order.take();
    if (hashes === undefined) return false;
    this.#hashes = hashes;
    const hash = hashes.pop();
    if (hash !== undefined) this.#addItems(hash);
    return true;
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
    if (found.length > 1) for (const item of found.slice(1)) this.#keys.push(keyOf(this.parts.store, item));
    if (found.length > 0) this.#addItem(found[0]);
  }

  #find(key: Uint8Array): ItemRef {
    const { bytes, scratch, store } = this.parts;
    const { at } = workWindow(scratch);
    bytes.set(key, at);
    return store.find(at, key.length);
  }

  #addItem(item: ItemRef): void {
    const { clock, store } = this.parts;
    // It may have been removed.
    if (item === 0) return;
    const expiresAt = store.expiresAt(item);
    if (expiresAt !== 0 && expiresAt <= clock.now) return;
    if (!store.items.has(item, ItemOption.object)) this.#add(() => this.#addPlain(item));
    else this.#addObject(new ObjectRecord(this.parts, keyOf(store, item), store.lookup.hashOfItem(item)), item);
  }

  #addPlain(item: ItemRef): void {
    const { bytes, scratch, store } = this.parts;
    addHeader(this.parts, item, false, this.#out);
    const length = store.valueLength(item);
    const { at, size } = workWindow(scratch);
    for (let offset = 0; offset < length; offset += size) {
      const part = Math.min(size, length - offset);
      store.copyValue(item, offset, part, at);
      this.#out.add(bytes.subarray(at, at + part));
    }
    this.#counts.items++;
  }

  /** Goes on with the record of an object, which may have been removed, moved, or replaced by any item. */
  #continue(record: ObjectRecord): void {
    const item = this.#find(record.key);
    if (item !== 0 && this.parts.store.items.has(item, ItemOption.object)) {
      this.#addObject(record, item);
      return;
    }
    record.close();
    this.#object = undefined;
    this.#addItem(item);
  }

  #addObject(record: ObjectRecord, item: ItemRef): void {
    const out = this.#out;
    const start = out.length;
    this.#object = undefined;
    try {
      const parts = record.next(item, out);
      if (parts === undefined) this.#object = record;
      else {
        this.#ready = parts.toReversed();
        this.#counts.objects++;
      }
    } catch (thrown) {
      record.close();
      if (!(thrown instanceof PortableFailure)) throw thrown;
      out.cut(start);
      this.#counts.skipped++;
      this.#add(() => {
        out.u8(RecordKind.skipped);
        out.text(`${latin1(record.key, 0, record.key.length)}: ${thrown.message}`);
      });
    }
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
