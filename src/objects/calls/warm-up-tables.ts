// Changes and reads of an object before the first client connects, so that V8 has compiled their code: until then the same change takes ten
// times as long, and a first call that changes thousands of fields could meet its limit of CPU time. The object is undone in the end.

import type { Arena, Window } from '../../arena/memory.js';
import { writeLatin1 } from '../../base/latin1.js';
import type { ArenaTables } from '../../tables/arena-tables.js';
import type { StoredTable } from '../../tables/table-store.js';
import type { Invocation } from './invocation.js';

/** Choices: enough changes for V8's compilers, and few enough to take some milliseconds. */
const ROUNDS = 3;
const FIELDS = 500;

const KEY = 'cacheismo$warm-up';

/** With the threads' lock held. `window` is free. */
export function warmUpTables(
  tables: ArenaTables,
  { budget, spans }: Pick<Invocation, 'budget' | 'spans'>,
  arena: Arena,
  window: Window,
): void {
  writeLatin1(KEY, arena.bytes, window.at);
  for (let round = 0; round < ROUNDS; round++) {
    budget.reset();
    spans.clear();
    tables.begin(budget, spans);
    try {
      use(tables.create(window.at, KEY.length));
    } finally {
      tables.rollback();
    }
  }
}

function use(table: StoredTable): void {
  for (let field = 0; field < FIELDS; field++) {
    const key = `field ${field}`;
    if (!table.has(key)) table.set(key, field % 2 === 0 ? true : key);
  }
  for (let field = 0; field < FIELDS; field++) table.get(`field ${field}`);
  for (let field = 0; field < FIELDS; field += 4) table.delete(`field ${field}`);
  for (const _key of table.keys());
  table.toJson();
}
