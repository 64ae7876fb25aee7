// Makes the object of one record. A large one is made in slices, between which other clients are served. Until it is complete, they see what was
// at the key before; what they do to that meanwhile comes before the restore. So whether an item at the key is kept, and whether the object
// has expired, is asked again for each slice, and the type counts that is loaded at the last one.
//
// Nobody sees, uses or evicts what is made of the object before that (tables/unfinished-objects.ts). Since it may take half of the memory, the
// threads make one such object at a time, and other records wait. A flush drops what was made, so the object is begun again; after some
// attempts it is made in one piece, while other clients wait.

import { ObjectInPieces, PortableFailure } from '../../objects/calls/portable-objects.js';
import { NO_ITEM } from '../../store/item.js';
import { markStale } from '../item-state.js';
import { workWindow } from '../operation-options.js';
import type { VirtualKeys } from '../virtual-keys.js';
import { SLICE_BYTES, SLICE_MS } from './dump-parts.js';
import { type ItemRecord, RecordMark } from './record.js';
import { expiryOf, type RestoreOutcome, type RestoreParts, RestoreResult } from './restore-result.js';

/** How an object is made. */
export interface RestoreBounds {
  /** An object of no more is made in one piece: measured, 3 ms for small fields. */
  readonly wholeBytes: number;
  /** A slice ends after this time, or with somewhat more bytes of the content than this. */
  readonly sliceMs: number;
  readonly sliceBytes: number;
  /** Steps of the content between two reads of the clock. */
  readonly stepsPerLook: number;
}

export const DEFAULT_BOUNDS: RestoreBounds = {
  wholeBytes: SLICE_BYTES,
  sliceMs: SLICE_MS,
  sliceBytes: SLICE_BYTES,
  stepsPerLook: 16,
};
/** Attempts in slices. A choice: a load is rarely flushed more than once. */
const MAX_ATTEMPTS = 5;

export class ObjectRestore {
  #made: ObjectInPieces;
  /** No other object is made in slices until this one is closed. */
  #isClaimed = false;
  #attempts = 1;

  constructor(
    private readonly parts: RestoreParts,
    private readonly record: ItemRecord,
    /** An item that is there is kept instead of replaced. */
    private readonly keeps: boolean,
    private readonly bounds = DEFAULT_BOUNDS,
  ) {
    this.#made = new ObjectInPieces(record.value);
  }

  /** It is made in slices, and may have to wait for another one. */
  get isLarge(): boolean {
    return this.record.value.length > this.bounds.wholeBytes;
  }

  /** The item of what was made so far; for checks. */
  get item(): number {
    return this.#made.item;
  }

  /** Makes the next slice. Undefined until the object is complete, or has failed: call it again in a later turn. */
  next(): RestoreOutcome | undefined {
    const outcome = this.#next();
    if (outcome !== undefined) this.close();
    return outcome;
  }

  /** No further slice is wanted: what was made of an object that is not complete is freed. */
  close(): void {
    this.#drop();
    if (this.#isClaimed) this.parts.virtualKeys?.portable.unfinished.leave();
    this.#isClaimed = false;
  }

  #next(): RestoreOutcome | undefined {
    const { keeps, record } = this;
    const { bytes, clock, scratch, store, virtualKeys } = this.parts;
    const { key } = record;
    const { at } = workWindow(scratch);
    const expiresAt = expiryOf(record, clock);
    if (expiresAt === undefined) return { result: RestoreResult.expired };
    bytes.set(key, at);
    if (keeps && store.find(at, key.length) !== 0) return { result: RestoreResult.kept };
    if (virtualKeys === undefined) return { result: RestoreResult.refused, reason: 'objects are switched off' };
    const { unfinished } = virtualKeys.portable;
    if (!this.#isClaimed && this.isLarge) {
      if (!unfinished.claim()) return undefined;
      this.#isClaimed = true;
    }
    if (this.#made.item !== NO_ITEM && !unfinished.isWhole(this.#made.item)) this.#beginAgain();
    return this.#make(virtualKeys, at, expiresAt);
  }

  #make({ portable }: VirtualKeys, keyAt: number, expiresAt: number): RestoreOutcome | undefined {
    const { key, marks, version } = this.record;
    const state = {
      version,
      isPinnedByType: (marks & RecordMark.pinnedByType) !== 0,
      isPinnedByCall: (marks & RecordMark.pinnedByCall) !== 0,
    };
    try {
      const isComplete = portable.make(keyAt, key.length, state, expiresAt, this.#made, this.#sliceEnd());
      if (!isComplete) return undefined;
      const { store } = this.parts;
      if ((marks & RecordMark.stale) !== 0) markStale(store, store.find(keyAt, key.length));
      return { result: RestoreResult.restored };
    } catch (thrown) {
      if (!(thrown instanceof PortableFailure)) throw thrown;
      if (thrown.isOutOfMemory) return { result: RestoreResult.noMemory };
      return { result: RestoreResult.refused, reason: thrown.message };
    }
  }

  /** Asked after each step: whether the slice that begins now ends. */
  #sliceEnd(): () => boolean {
    if (!this.#isClaimed || this.#attempts > MAX_ATTEMPTS) return () => false;
    const { sliceBytes, sliceMs, stepsPerLook } = this.bounds;
    const { content } = this.#made;
    const endBytes = content.readBytes + sliceBytes;
    const endMs = performance.now() + sliceMs;
    let steps = 0;
    return () => content.readBytes >= endBytes || (++steps % stepsPerLook === 0 && performance.now() >= endMs);
  }

  #beginAgain(): void {
    this.#drop();
    this.#made = new ObjectInPieces(this.record.value);
    this.#attempts++;
  }

  #drop(): void {
    const { item } = this.#made;
    this.#made.item = NO_ITEM;
    if (item !== NO_ITEM) this.parts.virtualKeys?.portable.unfinished.drop(item);
  }
}
