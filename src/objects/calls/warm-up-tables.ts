// Changes and reads of an object before the first client connects, so that V8 has compiled their code: until then the same change takes ten
// times as long, and a first call that changes thousands of fields could meet its limit of CPU time. The object is undone in the end.

import type { Arena, Window } from '../../arena/memory.js';
import { InvariantError } from '../../base/assert.js';
import { writeLatin1 } from '../../base/latin1.js';
import type { ArenaTables } from '../../tables/arena-tables.js';
import type { BudgetLimits } from '../../tables/budget.js';
import type { StoredTable } from '../../tables/table-store.js';
import type { LoadedMethod } from '../types/loaded-type.js';
import type { Invocation } from './invocation.js';

/** Choices: enough changes for V8's compilers, and few enough to take some milliseconds. */
const ROUNDS = 3;
const FIELDS = 500;

/** Not those of calls: a start must not fail for them. Small integers of V8's, as those of calls are. */
const LIMITS: BudgetLimits = { steps: 1_000_000_000, bytes: 1_000_000_000, milliseconds: 100_000 };

const KEY = 'cacheismo$warm-up';

/** With the threads' lock held. `window` is free. */
export function warmUpTables(
  tables: ArenaTables,
  { budget, spans, context }: Pick<Invocation, 'budget' | 'spans' | 'context'>,
  arena: Arena,
  window: Window,
  methodInLua: () => LoadedMethod | undefined,
): void {
  const { limits } = budget;
  let inLua: LoadedMethod | undefined;
  budget.limits = LIMITS;
  writeLatin1(KEY, arena.bytes, window.at);
  for (let round = 0; round < ROUNDS; round++) {
    budget.reset();
    spans.clear();
    tables.begin(budget, spans);
    try {
      const table = tables.create(window.at, KEY.length);
      use(table);
      inLua ??= methodInLua();
      inLua?.run(table, spans, context);
    } catch (error) {
      // A limit of the server may be too low for the object.
      if (error instanceof InvariantError) throw error;
    } finally {
      tables.rollback();
    }
  }
  budget.limits = limits;
}

function use(table: StoredTable): void {
  for (let field = 0; field < FIELDS; field++) {
    const key = `field ${field}`;
    if (!table.has(key)) table.set(key, field % 2 === 0 ? true : key);
  }
  for (let field = 0; field < FIELDS; field++) table.get(`field ${field}`);
  for (let field = 0; field < FIELDS; field += 4) table.delete(`field ${field}`);
  for (const _key of table.keys());
}
