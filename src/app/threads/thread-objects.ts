// Objects in one thread that serves requests: its own registry with compiled types, and the calls that its engine makes. Reading files:
// app/object-plane.ts in the main thread.

import type { Activity } from '../../base/activity.js';
import { ReplyText } from '../../base/reply-text.js';
import { OBJECT_METRICS } from '../../objects/calls/call-metrics.js';
import { FailureRing } from '../../objects/calls/failure-ring.js';
import { MethodCells } from '../../objects/calls/method-cells.js';
import { ObjectCalls } from '../../objects/calls/object-calls.js';
import { StoreItems } from '../../objects/calls/store-items.js';
import { type Log, TypeLines } from '../../objects/calls/type-lines.js';
import { warmUpTables } from '../../objects/calls/warm-up-tables.js';
import { Registry } from '../../objects/types/registry.js';
import { ObjectOperations } from '../../operations/object-operations.js';
import { replyTextAt, workWindow } from '../../operations/operation-options.js';
import type { LuaMaker } from '../../reload/type-source.js';
import { ArenaTables } from '../../tables/arena-tables.js';
import type { Config } from '../config/config.js';
import type { LateWorkParts } from '../late-work.js';
import type { ThreadParts } from './thread-engine.js';

export interface ThreadObjects {
  readonly registry: Registry;
  readonly calls: ObjectCalls;
  /** For the operations. */
  readonly keys: ObjectOperations;
  readonly scripts: LuaMaker;
  /** Logs the output of types, and their errors outside of calls. */
  readonly late: LateWorkParts;
  /** The last failures of methods. */
  readonly failures: FailureRing;
  /** Once a second. */
  readonly flushLog: () => void;
  /** Once a second, with the threads' lock held. */
  readonly onSecond: () => void;
  /** With the threads' lock held. */
  readonly warmUp: () => void;
}

/** The parts that a thread needs for objects in addition to the store. */
interface ThreadHost {
  readonly log: Log;
  readonly activity: Activity;
  /** Shared by all threads. */
  readonly failures: SharedArrayBuffer;
  /** Where time stands still, the lines of a second would soon be too many. */
  readonly logsEveryLine?: boolean;
}

/** With the threads' lock held, if there is more than one. */
export function makeThreadObjects(
  { arena, clock, metrics, store }: ThreadParts,
  thread: number,
  config: Config,
  scripts: LuaMaker,
  { log, activity, failures, logsEveryLine = false }: ThreadHost,
): ThreadObjects {
  const registry = new Registry(undefined, new MethodCells(arena.methodCells));
  const lines = new TypeLines(log, clock, () => metrics.add(OBJECT_METRICS.object_log_lines_left_out, 1));
  const write: Log = logsEveryLine ? log : lines.write;
  const { scratch } = arena.windows(thread);
  const work = workWindow(scratch);
  const { itemLimitBytes: resultLimitBytes } = config;
  const ring = new FailureRing(failures);
  const tables = new ArenaTables(store, { thread, resultLimitBytes });
  const calls = new ObjectCalls({
    arena,
    scratch: work,
    replyText: new ReplyText(arena.bytes, replyTextAt(scratch)),
    clock,
    metrics,
    tables,
    items: new StoreItems(store),
    registry,
    log: write,
    failures: ring,
    keysListed: config.dumpingAllowed,
    activity,
    budget: config.callBudget,
    resultLimitBytes,
    virtualKeys: { enabled: true, prefixes: config.virtualPrefixes, prefixRequired: config.virtualPrefixRequired },
  });
  return {
    registry,
    calls,
    keys: new ObjectOperations(calls, store, arena.bytes, work),
    scripts,
    late: {
      registry,
      failures: calls.invocation.failures,
      log: write,
      runningType: () => (activity.isInCall ? calls.invocation.context.type : undefined),
    },
    failures: ring,
    flushLog: () => lines.flush(),
    onSecond: () => calls.invocation.suspensions.tick(),
    warmUp: () => {
      // Where there are items already, an object could evict one.
      if (store.itemCount > 0) return;
      const counted = metrics.snapshot();
      warmUpTables(tables, calls.invocation, arena, work, () => scripts.warmUp?.());
      metrics.restore(counted);
    },
  };
}
