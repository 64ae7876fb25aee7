// The cache behind createTestCache: one thread's share of a server (threads/thread-engine.ts, threads/thread-objects.ts), with a client in
// memory and a clock that the test moves.

import { Activity } from '../../base/activity.js';
import { latin1 } from '../../base/latin1.js';
import { didYouMean } from '../../base/nearest.js';
import { NO_NOTES } from '../../base/notes.js';
import { keyBytes } from '../../client/call-connection.js';
import { type CallOutcome, OutcomeKind } from '../../objects/calls/call-result.js';
import { makeFailureMemory } from '../../objects/calls/failure-ring.js';
import type { GivenSettings } from '../../objects/types/type-settings.js';
import { ItemOption } from '../../store/item.js';
import { type Config, configOf } from '../config/config.js';
import { makeServerArena } from '../server-arena.js';
import { makeThreadParts, makeThreadProtocols, type ThreadParts } from '../threads/thread-engine.js';
import { makeThreadObjects, type ThreadObjects } from '../threads/thread-objects.js';
import type { ThreadSettings } from '../threads/thread-settings.js';
import { BudgetWatch } from './budget-watch.js';
import { killAtEachStep } from './kill-at-each-step.js';
import { LateLua } from './late-lua.js';
import { TypesForTests } from './load-types.js';
import { contentOf, itemAt, textOf } from './object-content.js';
import { difference, pictureOf, plainValue } from './store-picture.js';
import type { CallUse, KillReport, TestCache, TestCacheOptions } from './test-cache.js';
import { TestConnection } from './test-connection.js';
import { TestTime } from './test-time.js';
import { whyNoCall } from './why-no-call.js';

const THREAD = 0;
/** Small, so that a test has it in no time; `memory-limit` of `config` is another. */
const MEMORY_BYTES = 16 * 1024 * 1024;

const OPTIONS: readonly string[] = ['types', 'config'] satisfies (keyof TestCacheOptions)[];

/** Where the types under test come from. */
interface Project {
  /** Its other types are loaded as well, as far as they can be. */
  readonly directory: string;
  readonly settings: GivenSettings;
}

/** For tests in JavaScript, which no compiler checks. */
function checkOptions(options: TestCacheOptions): void {
  const wrong = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (wrong !== undefined)
    throw new TypeError(`createTestCache: ${wrong}: unknown option${didYouMean(wrong, OPTIONS)}`);
  if (options.types !== undefined && !Array.isArray(options.types))
    throw new TypeError("createTestCache: types: must be a list, such as ['scripts/visits.lua']");
}

export class CacheInProcess implements TestCache, Disposable {
  last: CallUse = { steps: 0, bytes: 0, writes: 0 };
  readonly logged: string[] = [];
  readonly parts: ThreadParts;
  readonly #time = new TestTime();
  readonly #objects: ThreadObjects;
  readonly #watch: BudgetWatch;
  #types!: TypesForTests;
  readonly #connection: TestConnection;

  static async create(options: TestCacheOptions, project?: Project): Promise<CacheInProcess> {
    checkOptions(options);
    const { types, config = {} } = options;
    const { memoryLimitBytes, ...checked } = configOf(config, 'createTestCache');
    const isGiven = 'memory-limit' in config;
    const scripts = new LateLua(checked.typeMemoryBytes);
    const ownMemory = { ...checked, memoryLimitBytes: isGiven ? memoryLimitBytes : MEMORY_BYTES };
    const cache = new CacheInProcess(ownMemory, scripts);
    const loader = new TypesForTests(cache.#objects.registry, scripts, project?.settings ?? checked.typeSettings);
    cache.#types = loader;
    await loader.loadShipped();
    if (project !== undefined) await loader.loadBeside(project.directory);
    await loader.load(types);
    if (project === undefined) loader.refuseStrangers();
    return cache;
  }

  private constructor(config: Config, scripts: LateLua) {
    const settings: ThreadSettings = { config, transport: 'net', dataThreads: 1 };
    const arena = makeServerArena(config, { ...settings, libc: undefined, notices: [] });
    this.parts = makeThreadParts(arena, THREAD, config, this.#time);
    this.#objects = makeThreadObjects(this.parts, THREAD, config, scripts, {
      log: (_level, message) => this.logged.push(message),
      activity: new Activity(),
      failures: makeFailureMemory(),
      logsEveryLine: true,
    });
    const { text, shell } = makeThreadProtocols(
      this.parts,
      THREAD,
      settings,
      config.objectsAllowed ? this.#objects.keys : undefined,
      { onVerbosity: () => {}, onMemoryLimit: () => {} },
      NO_NOTES,
      undefined,
    );
    this.#connection = new TestConnection(text, shell);
    this.#watch = new BudgetWatch(this.#objects.calls.invocation.budget);
  }

  async call(key: string, data?: string | Uint8Array): Promise<string | undefined> {
    return resultOf(this.#call(key, data));
  }

  async send(requests: string | Uint8Array): Promise<string> {
    const bytes = typeof requests === 'string' ? Buffer.from(requests, 'utf8') : requests;
    this.#watch.begin();
    const reply = this.#connection.send(bytes);
    this.last = this.#watch.end();
    return latin1(reply, 0, reply.length);
  }

  /** Whether the requests sent last do not end in a whole request. */
  get isMidRequest(): boolean {
    return this.#connection.isMidRequest;
  }

  load(types: readonly string[]): Promise<void> {
    return this.#types.replace(types);
  }

  advance(milliseconds: number): void {
    this.#time.advance(milliseconds);
    this.#passTime();
  }

  setUnixTime(seconds: number): void {
    this.#time.setDate(this.parts.arena.clockCells, seconds * 1000);
    this.#passTime();
  }

  value(key: string): string | undefined {
    const { store } = this.parts;
    const item = itemAt(store, byteString(keyBytes(key)));
    return item === 0 || store.items.has(item, ItemOption.object) ? undefined : plainValue(store, item);
  }

  object(type: string, key: string): unknown {
    const name = byteString(keyBytes(`${type}$${key}`));
    const json = contentOf(this.#objects.calls, this.parts.store, name);
    return json === undefined ? undefined : JSON.parse(Buffer.from(json, 'latin1').toString('utf8'));
  }

  async killAtEachStep(key: string, data?: string | Uint8Array): Promise<KillReport> {
    const { store } = this.parts;
    const { calls } = this.#objects;
    const before = pictureOf(store, calls);
    const lines = this.logged.length;
    let outcome: CallOutcome | undefined;
    return killAtEachStep(key, {
      attempt: (step) => {
        outcome = this.#call(key, data, step);
        const { isKilled } = this.#watch;
        if (!isKilled) return false;
        // The server would refuse the method after three kills.
        calls.invocation.suspensions.lift(calls.method);
        this.logged.length = lines;
        return true;
      },
      result: () => resultOf(outcome as CallOutcome),
      difference: () => difference(before, pictureOf(store, calls)),
    });
  }

  close(): void {
    this.#connection.close();
    for (const { type } of this.#objects.registry.list()) type.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The outcome is valid until the next call. */
  #call(key: string, data: string | Uint8Array | undefined, killAt?: number): CallOutcome {
    const { arena, store } = this.parts;
    const { calls } = this.#objects;
    const bytes = keyBytes(key);
    const { at } = arena.windows(THREAD).input;
    store.tick();
    arena.bytes.set(bytes, at);
    if (!calls.virtual.resolve(at, bytes.length)) throw new Error(whyNoCall(key, this.#objects.registry));
    this.#watch.begin(killAt);
    const block = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    const outcome =
      block === undefined ? calls.retrieve('get', 0) : calls.store('set', 0, 0, false, 0, block.length, block);
    this.last = this.#watch.end();
    return outcome;
  }

  #passTime(): void {
    this.parts.clock.refresh();
    this.#objects.onSecond();
    this.#objects.flushLog();
  }
}

function byteString(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length);
}

/** Throws the error line. */
function resultOf({ kind, value, firstValue }: CallOutcome): string | undefined {
  switch (kind) {
    case OutcomeKind.nothing:
    case OutcomeKind.absent:
      return undefined;
    case OutcomeKind.original:
      return firstValue === undefined ? undefined : textOf(firstValue);
    case OutcomeKind.clientError:
      throw new Error(`CLIENT_ERROR ${textOf(value)}`);
    case OutcomeKind.serverError:
      throw new Error(`SERVER_ERROR ${textOf(value)}`);
    default:
      return textOf(value);
  }
}
