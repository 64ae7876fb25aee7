// Object calls for the engine's harness: everything from the request's bytes to the reply's, without loading files.

import { Activity } from '../../src/base/activity.js';
import { ReplyText } from '../../src/base/reply-text.js';
import { ObjectCalls } from '../../src/objects/calls/object-calls.js';
import { StoreItems } from '../../src/objects/calls/store-items.js';
import type { LoadedType } from '../../src/objects/types/loaded-type.js';
import { Registry } from '../../src/objects/types/registry.js';
import { ObjectOperations } from '../../src/operations/object-operations.js';
import { replyTextAt, workWindow } from '../../src/operations/operation-options.js';
import type { VirtualKeys } from '../../src/operations/virtual-keys.js';
import { ArenaTables } from '../../src/tables/arena-tables.js';
import { type BudgetLimits, DEFAULT_BUDGET } from '../../src/tables/budget.js';
import { AMPLE_MS } from '../objects/ample-time.js';
import type { Harness } from '../protocols/text/harness.js';

export interface ObjectOptions {
  readonly prefixes?: readonly string[];
  readonly prefixRequired?: boolean;
  readonly budget?: Partial<BudgetLimits>;
  readonly keysListed?: boolean;
}

export function objectKeys(
  types: readonly LoadedType[],
  { prefixes = [], prefixRequired = false, budget = {}, keysListed = true }: ObjectOptions = {},
): (harness: Harness) => VirtualKeys {
  return ({ arena, clock, metrics, store }) => {
    const registry = new Registry();
    for (const type of types) registry.install(type);
    const { scratch } = arena.windows(0);
    const work = workWindow(scratch);
    const resultLimitBytes = store.itemLimitBytes;
    const calls = new ObjectCalls({
      arena,
      scratch: work,
      replyText: new ReplyText(arena.bytes, replyTextAt(scratch)),
      clock,
      metrics,
      tables: new ArenaTables(store, { thread: 0, resultLimitBytes }),
      items: new StoreItems(store),
      registry,
      log: () => {},
      keysListed,
      activity: new Activity(),
      budget: { ...DEFAULT_BUDGET, milliseconds: AMPLE_MS, ...budget },
      resultLimitBytes,
      virtualKeys: { enabled: true, prefixes, prefixRequired },
    });
    return new ObjectOperations(calls, store, arena.bytes, work);
  };
}
