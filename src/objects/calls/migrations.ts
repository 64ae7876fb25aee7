// Objects that another version of their type has written. An older one is changed by the type's `migrate` in the call that opens it, and is committed
// or rolled back with it. Where the version is kept: tables/table-layout.ts.

import { InvariantError } from '../../base/assert.js';
import type { Metrics } from '../../base/metrics.js';
import { BudgetError } from '../../tables/budget.js';
import { MethodError, oneLine } from '../../tables/call-errors.js';
import { OutOfMemoryError, type StoredTable, type TableStore } from '../../tables/table-store.js';
import type { InvocationContext } from '../types/loaded-type.js';
import type { RegisteredType } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import { OBJECT_METRICS } from './call-metrics.js';
import { renamed, tame } from './thrown.js';

interface MigrationParts {
  readonly tables: TableStore;
  readonly registry: Registry;
  readonly metrics: Metrics;
}

/** Longer keys are cut in messages, which must have room for the error itself. */
const LONGEST_KEY = 60;

/** @perThread */
export class Migrations {
  constructor(
    private readonly parts: MigrationParts,
    private readonly call: InvocationContext,
  ) {}

  /** Brings an object that the call has opened to the version of its type, if it has another one. It is the item with the key at `at`. Throws
      an error that ends the call, even if its method catches it. */
  run(registered: RegisteredType, at: number, length: number, key: string, table: StoredTable): void {
    const { tables, metrics } = this.parts;
    const { type, contentVersion: to } = registered;
    const from = tables.versions.at(at, length);
    if (from === to) return;
    const object = `${type.name}$${key.slice(0, LONGEST_KEY)}`;
    if (from > to) {
      const reason = `${object} has version ${from}, and the type ${type.name} only version ${to}: load its newer file again`;
      this.call.budget.endBy(new MethodError(reason));
    }
    try {
      tables.versions.upgrade(at, length, to, () => type.migrate?.(table, from, this.call));
      this.call.budget.demandUnspent();
    } catch (thrown) {
      this.#fail(tame(thrown), `migrating ${object} from version ${from} to ${to} failed`);
    }
    metrics.add(OBJECT_METRICS.object_migrations, 1);
  }

  /** The same for an object whose content is shown, by its item key: it may be of any type, loaded or not. A newer one is shown as it is. */
  runForShowing(itemKey: string, at: number, table: StoredTable): void {
    const end = itemKey.indexOf('$');
    const registered = end < 0 ? undefined : this.parts.registry.find(itemKey.slice(0, end));
    if (registered === undefined) return;
    if (this.parts.tables.versions.at(at, itemKey.length) > registered.contentVersion) return;
    this.run(registered, at, itemKey.length, itemKey.slice(end + 1), table);
  }

  #fail(error: Error, what: string): never {
    if (error instanceof InvariantError || error instanceof OutOfMemoryError) throw error;
    const message = `${what}: ${oneLine(error)}`;
    // The budget throws its own error again at the next step.
    if (error instanceof BudgetError) throw new BudgetError(message, error.option);
    return this.call.budget.endBy(renamed(error, message));
  }
}
