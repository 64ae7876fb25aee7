// Object calls without a server: everything from the virtual key to the outcome, on a small arena. Replies are those to a text client.

import { Arena } from '../../src/arena/memory.js';
import { Activity } from '../../src/base/activity.js';
import { Clock } from '../../src/base/clock.js';
import { bytesOf, latin1, writeLatin1 } from '../../src/base/latin1.js';
import { Metrics } from '../../src/base/metrics.js';
import { ReplyText } from '../../src/base/reply-text.js';
import { OBJECT_METRICS } from '../../src/objects/calls/call-metrics.js';
import { type CallOutcome, OutcomeKind } from '../../src/objects/calls/call-result.js';
import { ObjectCalls } from '../../src/objects/calls/object-calls.js';
import { StoreItems } from '../../src/objects/calls/store-items.js';
import type { VirtualKeyOptions } from '../../src/objects/keys/virtual-key.js';
import type { LoadedType } from '../../src/objects/types/loaded-type.js';
import { Registry } from '../../src/objects/types/registry.js';
import type { MemoryShare } from '../../src/store/retained-items.js';
import { Store } from '../../src/store/store.js';
import { ArenaTables } from '../../src/tables/arena-tables.js';
import { type BudgetLimits, DEFAULT_BUDGET } from '../../src/tables/budget.js';
import { AMPLE_MS } from './ample-time.js';

export interface HarnessOptions {
  /** Over a default of a second of CPU time. */
  readonly budget?: Partial<BudgetLimits>;
  readonly virtualKeys?: Partial<VirtualKeyOptions>;
  readonly resultLimitBytes?: number;
  /** Size of the arena, 1 MiB if not given. */
  readonly arenaBytes?: number;
  /** A quarter of the memory if not given. */
  readonly pinnedLimit?: MemoryShare;
  /** Called with each line while the call that logs it runs. */
  readonly onLog?: (message: string) => void;
}

export class CallHarness {
  readonly arena: Arena;
  readonly logged: string[] = [];
  readonly registry: Registry;
  readonly store: Store;
  readonly calls: ObjectCalls;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tables: ArenaTables;
  /** Moves the clock of the calls. */
  timeMs = Date.UTC(2026, 5, 15, 10, 30);

  constructor(types: readonly LoadedType[], options: HarnessOptions = {}) {
    this.arena = Arena.create({ limitBytes: options.arenaBytes ?? 1024 * 1024, threads: 1 });
    const time = { steadyMs: () => this.timeMs, unixMs: () => this.timeMs };
    this.clock = new Clock(this.arena.clockCells, time);
    const windows = this.arena.windows(0);
    this.registry = new Registry(() => this.timeMs);
    const resultLimitBytes = options.resultLimitBytes ?? 1024 * 1024;
    const metrics = new Metrics(this.arena.metricCells, 0);
    this.metrics = metrics;
    const retainedShare = options.pinnedLimit ?? { percent: 25 };
    const storeOptions = { itemLimitBytes: resultLimitBytes, evictionsAllowed: true, retainedShare };
    this.store = new Store(this.arena, this.clock, metrics, 0, storeOptions);
    for (const type of types) this.registry.install(type);
    this.tables = new ArenaTables(this.store, { thread: 0, resultLimitBytes });
    this.calls = new ObjectCalls({
      arena: this.arena,
      scratch: windows.scratch,
      replyText: new ReplyText(this.arena.bytes, windows.output.at),
      clock: this.clock,
      metrics,
      tables: this.tables,
      items: new StoreItems(this.store),
      registry: this.registry,
      log: (level, message) => {
        this.logged.push(`${level}: ${message}`);
        options.onLog?.(message);
      },
      activity: new Activity(),
      budget: { ...DEFAULT_BUDGET, milliseconds: AMPLE_MS, ...options.budget },
      resultLimitBytes,
      virtualKeys: { enabled: true, prefixes: [], prefixRequired: false, ...options.virtualKeys },
    });
  }

  advance(seconds: number): void {
    this.timeMs += seconds * 1000;
    this.clock.refresh();
  }

  /** Stores a plain value. */
  putPlain(key: string, value: string, expiresAt = 0): void {
    const { at } = this.arena.windows(0).input;
    writeLatin1(key, this.arena.bytes, at);
    writeLatin1(value, this.arena.bytes, at + key.length);
    const reserved = this.store.reserve(at, key.length, value.length, 0, expiresAt);
    this.store.fill(reserved, 0, at + key.length, value.length);
    this.store.link(reserved);
  }

  /** The plain value at a key. */
  plain(key: string): string | undefined {
    const { bytes } = this.arena;
    const { input, output } = this.arena.windows(0);
    writeLatin1(key, bytes, input.at);
    const item = this.store.find(input.at, key.length);
    if (item === 0) return undefined;
    this.store.copyValue(item, 0, this.store.valueLength(item), output.at);
    return latin1(bytes, output.at, this.store.valueLength(item));
  }

  /** Totals of counters of object calls. */
  figures(...names: (keyof typeof OBJECT_METRICS)[]): number[] {
    return names.map((name) => this.metrics.total(OBJECT_METRICS[name]));
  }

  isCall(key: string): boolean {
    return this.#resolve(key);
  }

  /** The value in the reply to `get`, or the reply's line. Keys and values are byte strings. */
  get(key: string, exptimeSeconds = 0): string {
    if (!this.#resolve(key)) return 'no call';
    return retrieved(this.calls.retrieve('get', exptimeSeconds));
  }

  /** The reply line of a storage command. */
  set(key: string, data: string, exptimeSeconds = 0): string {
    if (!this.#resolve(key)) return 'no call';
    return stored(this.calls.store('set', 0, exptimeSeconds, false, 0, data.length, bytesOf(data)));
  }

  #resolve(key: string): boolean {
    const { at } = this.arena.windows(0).input;
    writeLatin1(key, this.arena.bytes, at);
    return this.calls.virtual.resolve(at, key.length);
  }
}

function text(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : latin1(value, 0, value.length);
}

function retrieved({ kind, value }: CallOutcome): string {
  if (kind === OutcomeKind.nothing || kind === OutcomeKind.absent) return 'END';
  if (kind === OutcomeKind.clientError) return `CLIENT_ERROR ${text(value)}`;
  if (kind === OutcomeKind.serverError) return `SERVER_ERROR ${text(value)}`;
  return text(value);
}

function stored({ kind, value }: CallOutcome): string {
  switch (kind) {
    case OutcomeKind.nothing:
      return 'NOT_STORED';
    case OutcomeKind.missing:
    case OutcomeKind.absent:
      return 'NOT_FOUND';
    case OutcomeKind.clientError:
      return `CLIENT_ERROR ${text(value)}`;
    case OutcomeKind.serverError:
      return `SERVER_ERROR ${text(value)}`;
    default:
      return 'STORED';
  }
}
