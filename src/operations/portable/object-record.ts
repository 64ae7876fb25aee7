// Makes the record of one object. That of a large one is made in slices, between which other clients are served, and is sent when it is complete, so
// that a record which cannot be completed is dropped and no client gets a part of it. Until then it is kept outside of the arena: at most
// MAX_RECORD_BYTES for each dump, which is also the longest record.
//
// The record has the content that the object had at one instant: if it has changed since the first slice (store/watched-objects.ts), all of
// it is written again. An object that changes all the time would never be complete, so after some attempts it is written in one piece, while
// other clients wait: some 1.6 us for each of its fields. Expiry and marks are those of the last slice.

import type { ByteBuilder } from '../../base/byte-builder.js';
import { ContentWriter, PortableFailure } from '../../objects/calls/portable-objects.js';
import { NO_SLOT } from '../../store/watched-objects.js';
import { workWindow } from '../operation-options.js';
import type { ItemRef } from '../outcomes.js';
import { addHeader, type DumpParts, LENGTH_BYTES, SLICE_BYTES, SLICE_MS } from './dump-parts.js';
import { RecordMark } from './record.js';

/** Attempts in slices. A choice: an object that changes once in several times its own CPU time is mostly dumped in slices. */
const MAX_ATTEMPTS = 5;
/** After this time no further attempt is made in slices: the client expects a record within 120 s (app/portable/server-records.ts). A choice. */
const ATTEMPTS_MS = 20_000;
/** Steps of the content between two reads of the clock. */
const STEPS_PER_LOOK = 16;

export class ObjectRecord {
  #content = new ContentWriter();
  /** Of the content, without the last one. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #slot = NO_SLOT;
  #attempts = 1;
  #firstMs = 0;
  #steps = 0;

  constructor(
    private readonly parts: DumpParts,
    readonly key: Uint8Array,
    /** Of the key. */
    private readonly hash: number,
  ) {}

  /** Makes the next slice; `item` is the object as it is now. Returns the record, after its length, in parts when it is complete: none if all of it was appended
      to `to`. Undefined before. Throws PortableFailure. */
  next(item: ItemRef, to: ByteBuilder): readonly Uint8Array[] | undefined {
    const { bytes, scratch, virtualKeys } = this.parts;
    if (virtualKeys === undefined) throw new PortableFailure('objects are switched off', false);
    const startedMs = performance.now();
    this.#restartIfChanged(startedMs);
    const start = to.length;
    to.u32(0);
    addHeader(this.parts, item, true, to);
    const contentAt = to.length;
    const { at } = workWindow(scratch);
    bytes.set(this.key, at);
    const state = virtualKeys.portable.write(at, this.key.length, this.#content, to, () => {
      const isLong = to.length - contentAt >= SLICE_BYTES;
      const isEnd = isLong || (++this.#steps % STEPS_PER_LOOK === 0 && performance.now() - startedMs >= SLICE_MS);
      return isEnd && this.#watch(startedMs);
    });
    if (state === undefined) {
      this.#keep(copyOf(to, contentAt, to.length));
      to.cut(start);
      return undefined;
    }
    to.setU32(start, to.length - start - LENGTH_BYTES + this.#pieceBytes);
    const pinMarks =
      (state.isPinnedByType ? RecordMark.pinnedByType : 0) | (state.isPinnedByCall ? RecordMark.pinnedByCall : 0);
    const marksAt = start + LENGTH_BYTES + 1;
    to.setU8(marksAt, to.view()[marksAt] | pinMarks);
    to.setU8(start + LENGTH_BYTES + 3, state.version);
    this.close();
    if (this.#pieces.length === 0) return [];
    const all = [copyOf(to, start, contentAt), ...this.#pieces, copyOf(to, contentAt, to.length)];
    to.cut(start);
    return all;
  }

  /** The record is complete, or is dropped. */
  close(): void {
    if (this.#slot !== NO_SLOT) this.parts.store.watched.unwatch(this.#slot);
    this.#slot = NO_SLOT;
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
  }

  #restartIfChanged(nowMs: number): void {
    if (this.#firstMs === 0) this.#firstMs = nowMs;
    if (this.#slot === NO_SLOT || !this.parts.store.watched.hasChanged(this.#slot)) return;
    this.close();
    this.#content = new ContentWriter();
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#attempts++;
  }

  /** Whether the slice may end, since a change before the next one will be noted. */
  #watch(nowMs: number): boolean {
    if (this.#slot !== NO_SLOT) return true;
    if (this.#attempts > MAX_ATTEMPTS || nowMs - this.#firstMs > ATTEMPTS_MS) return false;
    this.#slot = this.parts.store.watched.watch(this.hash);
    return this.#slot !== NO_SLOT;
  }
}

function copyOf(builder: ByteBuilder, from: number, to: number): Uint8Array {
  return Buffer.from(builder.view().subarray(from, to));
}
