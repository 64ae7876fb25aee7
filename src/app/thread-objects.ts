// Objects in one thread that serves requests: its own registry with compiled types, and the calls that its engine makes. Not for
// reading files, which the main thread does.

import type { Activity } from '../base/activity.js';
import { KEY_ROOM_BYTES, ObjectKeys } from '../commands/object-keys.js';
import type { ScriptLoader } from '../lua/load-script.js';
import type { Log } from '../objects/context.js';
import { MethodCells } from '../objects/method-cells.js';
import { ObjectCalls } from '../objects/object-calls.js';
import { Registry } from '../objects/registry.js';
import { StoreItems } from '../objects/store-items.js';
import { ArenaTables } from '../objects/tables/arena-tables.js';
import type { LoadLua } from '../reload/type-source.js';
import type { Config } from './config.js';
import type { ThreadParts } from './thread-engine.js';

export interface ThreadObjects {
  readonly registry: Registry;
  /** For the engine. */
  readonly keys: ObjectKeys;
  readonly loadLua: LoadLua;
}

/** With the threads' lock held, if there is more than one. */
export function makeThreadObjects(
  { arena, clock, metrics, store }: ThreadParts,
  thread: number,
  config: Config,
  scripts: ScriptLoader,
  log: Log,
  activity: Activity,
): ThreadObjects {
  const registry = new Registry(undefined, new MethodCells(arena.methodCells));
  const { scratch } = arena.windows(thread);
  const { itemLimitBytes: resultLimitBytes } = config;
  const calls = new ObjectCalls({
    arena,
    scratch: { at: scratch.at + KEY_ROOM_BYTES, size: scratch.size - KEY_ROOM_BYTES },
    clock,
    metrics,
    tables: new ArenaTables(store, { thread, resultLimitBytes }),
    items: new StoreItems(store),
    registry,
    log,
    keysListed: config.dumpingAllowed,
    activity,
    budget: config.callBudget,
    resultLimitBytes,
    virtualKeys: { enabled: true, prefixes: config.virtualPrefixes, prefixRequired: config.virtualPrefixRequired },
  });
  return { registry, keys: new ObjectKeys(calls), loadLua: (source, file) => scripts.load(source, file) };
}
