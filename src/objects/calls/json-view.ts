// Objects as plain commands see them: their content as JSON, their expiry. Methods: invocation.ts.

import { InvariantError } from '../../base/assert.js';
import { latin1 } from '../../base/latin1.js';
import type { ArgumentSlices } from '../../tables/argument-slices.js';
import type { Budget } from '../../tables/budget.js';
import { oneLine } from '../../tables/call-errors.js';
import { OutOfMemoryError, type StoredTable } from '../../tables/table-store.js';
import type { Context } from './call-context.js';
import { CallOutcome, OutcomeKind } from './call-result.js';
import type { ContextParts } from './context-parts.js';

const OUT_OF_MEMORY = 'out of memory';

/** @perThread */
export class WholeObjects {
  readonly #outcome = new CallOutcome();
  constructor(
    private readonly parts: Pick<ContextParts, 'arena' | 'tables'>,
    private readonly context: Context,
    private readonly budget: Budget,
    private readonly spans: ArgumentSlices,
  ) {}

  /** The content of the object at the key; sets its expiry too if one is given. */
  content(keyAt: number, keyLength: number, expiresAt: number | undefined): CallOutcome {
    const key = latin1(this.parts.arena.bytes, keyAt, keyLength);
    const failure = this.#attempt(keyAt, keyLength, expiresAt, (table) => {
      this.context.migrations.runForShowing(key, keyAt, table);
      this.#outcome.set(OutcomeKind.result, table.toJson());
    });
    if (failure !== undefined) {
      this.#outcome.set(
        failure === OUT_OF_MEMORY ? OutcomeKind.serverError : OutcomeKind.clientError,
        `${key}: ${failure}`,
      );
    }
    return this.#outcome;
  }

  /** False when there is no memory for an expiry. */
  touch(keyAt: number, keyLength: number, expiresAt: number): boolean {
    return this.#attempt(keyAt, keyLength, expiresAt, () => {}) === undefined;
  }

  /** Sets the outcome to the reason, in one line. */
  #attempt(
    keyAt: number,
    keyLength: number,
    expiresAt: number | undefined,
    use: (table: StoredTable) => void,
  ): string | undefined {
    const { tables } = this.parts;
    let open = true;
    this.budget.reset();
    // Plain commands have no arguments.
    this.spans.clear();
    tables.begin(this.budget, this.spans);
    try {
      const table = tables.open(keyAt, keyLength, false);
      if (typeof table === 'symbol') throw new InvariantError('an object stands at the key');
      use(table);
      if (expiresAt !== undefined) tables.expire(keyAt, keyLength, expiresAt);
      // A commit that throws has rolled back.
      open = false;
      tables.commit();
      return undefined;
    } catch (thrown) {
      if (thrown instanceof InvariantError) throw thrown;
      if (open) tables.rollback();
      return thrown instanceof OutOfMemoryError ? OUT_OF_MEMORY : oneLine(thrown);
    }
  }
}
