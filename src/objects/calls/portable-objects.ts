// Whole objects in a portable form, for dumps: written as they are, without a migration, and made again by the same writes as a method's. Each
// piece that is written or made is one step, like a call, but with limits of its own, since an object may have any size. The form:
// tables/portable/content-format.ts.

import { InvariantError } from '../../base/assert.js';
import type { ByteBuilder } from '../../base/byte-builder.js';
import { latin1 } from '../../base/latin1.js';
import { type ItemRef, NO_ITEM } from '../../store/item.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget, BudgetLimits } from '../../tables/budget.js';
import { oneLine } from '../../tables/call-errors.js';
import { MAX_CONTENT_BYTES } from '../../tables/portable/content-format.js';
import { ContentReader } from '../../tables/portable/content-reader.js';
import { ContentWriter } from '../../tables/portable/content-writer.js';
import { OutOfMemoryError, type StoredUnfinished } from '../../tables/table-store.js';
import type { ContextParts } from './context-parts.js';

export { ContentWriter, MAX_CONTENT_BYTES };

/** The time, which has to suffice for undoing what was made, is below the 5 seconds after which the watchdog ends the process: enough for some
    million fields. All are small integers of V8's, as those of calls are. */
const LIMITS: BudgetLimits = { steps: 1_000_000_000, bytes: 1_000_000_000, milliseconds: 4000 };

interface PortableState {
  /** Of the type that has written the object. */
  readonly version: number;
  readonly isPinnedByType: boolean;
  readonly isPinnedByCall: boolean;
}

/** An object that is made in pieces. */
export class ObjectInPieces {
  readonly content: ContentReader;
  /** Has what was made so far; 0 before the first piece, and after a failure. */
  item: ItemRef = NO_ITEM;

  constructor(content: Uint8Array) {
    this.content = new ContentReader(content);
  }
}

/** The reason why an object could not be made or written, in one line. */
export class PortableFailure extends Error {
  override readonly name = 'PortableFailure';
  constructor(
    message: string,
    readonly isOutOfMemory: boolean,
  ) {
    super(message);
  }
}

/** @perThread */
export class PortableObjects {
  /** A call of the tables has begun and not ended. */
  #isOpen = false;

  constructor(
    private readonly parts: Pick<ContextParts, 'arena' | 'tables' | 'registry'>,
    private readonly budget: Budget,
    private readonly spans: ArgumentSlices,
  ) {}

  /** Appends the next piece of the content of the object at the key (arena bytes), which is no hit: the rest of it, unless `mayPause` ends the
      piece. Undefined while the content is not complete. Throws PortableFailure. */
  write(
    keyAt: number,
    keyLength: number,
    content: ContentWriter,
    to: ByteBuilder,
    mayPause: () => boolean,
  ): PortableState | undefined {
    const { tables } = this.parts;
    return this.#attempt(() => {
      const table = tables.open(keyAt, keyLength, false);
      if (typeof table === 'symbol') throw new InvariantError('there is an object at the key');
      const isComplete = content.write(table, to, mayPause);
      const { byType, byCall } = tables.versions.pinsAt(keyAt, keyLength);
      const version = tables.versions.at(keyAt, keyLength);
      this.#isOpen = false;
      tables.rollback();
      return isComplete ? { version, isPinnedByType: byType, isPinnedByCall: byCall } : undefined;
    });
  }

  /** Makes the next piece of an object: the rest of it, unless `mayPause` ends the piece. Whether the object is complete: then it has replaced any
      item at the key; before, clients do not see it. Its type need not be loaded; a loaded one says whether it pins its objects. Throws
      PortableFailure, and nothing is left of the object then. */
  make(
    keyAt: number,
    keyLength: number,
    state: PortableState,
    expiresAt: number,
    made: ObjectInPieces,
    mayPause: () => boolean,
  ): boolean {
    const { arena, registry, tables } = this.parts;
    const [typeName] = latin1(arena.bytes, keyAt, keyLength).split('$', 1);
    const isPinned = registry.find(typeName)?.isPinned ?? state.isPinnedByType;
    return this.#attempt(() => {
      const { item } = made;
      made.item = NO_ITEM;
      const table =
        item === NO_ITEM
          ? tables.create(keyAt, keyLength, isPinned, state.version)
          : tables.resume(keyAt, keyLength, item, isPinned);
      if (!made.content.read(table, mayPause)) {
        made.item = tables.pause();
        this.#isOpen = false;
        return false;
      }
      if (state.isPinnedByCall) tables.pin(keyAt, keyLength, true);
      if (expiresAt !== 0) tables.expire(keyAt, keyLength, expiresAt);
      // A commit that throws has rolled back.
      this.#isOpen = false;
      // What fitted into a server fits into another one of the same limits.
      tables.commit('all');
      return true;
    });
  }

  /** Objects that are made in pieces. */
  get unfinished(): StoredUnfinished {
    return this.parts.tables.unfinished;
  }

  #attempt<T>(work: () => T): T {
    const { budget, spans } = this;
    const { tables } = this.parts;
    const { limits } = budget;
    budget.limits = LIMITS;
    budget.reset();
    // There are no arguments.
    spans.clear();
    tables.begin(budget, spans);
    this.#isOpen = true;
    try {
      return work();
    } catch (thrown) {
      if (this.#isOpen) tables.rollback();
      if (thrown instanceof InvariantError) throw thrown;
      throw new PortableFailure(oneLine(thrown), thrown instanceof OutOfMemoryError);
    } finally {
      budget.limits = limits;
      budget.reset();
    }
  }
}
