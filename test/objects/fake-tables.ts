// A TableStore in ordinary memory: objects by key, copied when a call opens them for writing and put back when it commits.

import type { Arena } from '../../src/arena/memory.js';
import { latin1 } from '../../src/base/latin1.js';
import type { ArgumentSlices } from '../../src/tables/argument-slices.js';
import type { Budget } from '../../src/tables/budget.js';
import {
  MISSING,
  type NotOpened,
  OBJECT,
  OutOfMemoryError,
  PLAIN,
  type RawTable,
  type TableStore,
} from '../../src/tables/table-store.js';
import { type FakeCall, FakeContent, FakeTable } from './fake-table.js';

interface FakeObject {
  content: FakeContent;
  expiresAt: number;
}

interface OpenObject extends FakeObject {
  handle: FakeTable;
}

export class FakeTables implements TableStore {
  readonly objects = new Map<string, FakeObject>();
  /** Keys at which plain values stand. */
  readonly plain = new Set<string>();
  /** The next commit finds no room. */
  isFull = false;
  readonly #open = new Map<string, OpenObject>();
  #call: FakeCall | undefined;

  constructor(
    private readonly arena: Arena,
    private readonly now: () => number,
  ) {}

  begin(budget: Budget, _spans: ArgumentSlices): void {
    if (this.#call !== undefined) throw new Error('a call is under way');
    this.#call = { alive: true, budget };
  }

  peek(keyAt: number, keyLength: number): typeof MISSING | typeof PLAIN | typeof OBJECT {
    const key = this.#key(keyAt, keyLength);
    if (this.plain.has(key)) return PLAIN;
    return this.#live(key) === undefined ? MISSING : OBJECT;
  }

  open(keyAt: number, keyLength: number, _forWriting: boolean): RawTable | NotOpened {
    const key = this.#key(keyAt, keyLength);
    const known = this.#open.get(key);
    if (known !== undefined) return known.handle;
    if (this.plain.has(key)) return PLAIN;
    const found = this.#live(key);
    return found === undefined ? MISSING : this.#opened(key, found.content.clone(), found.expiresAt);
  }

  create(keyAt: number, keyLength: number): RawTable {
    return this.#opened(this.#key(keyAt, keyLength), new FakeContent(), 0);
  }

  abandon(keyAt: number, keyLength: number): void {
    this.#open.delete(this.#key(keyAt, keyLength));
  }

  expire(keyAt: number, keyLength: number, expiresAt: number): void {
    (this.#open.get(this.#key(keyAt, keyLength)) as OpenObject).expiresAt = expiresAt;
  }

  expiresAt(keyAt: number, keyLength: number): number {
    return (this.#open.get(this.#key(keyAt, keyLength)) as OpenObject).expiresAt;
  }

  protecting(work: () => void): void {
    work();
  }

  commit(): void {
    const written = [...this.#open];
    this.rollback();
    if (this.isFull) throw new OutOfMemoryError('no room');
    for (const [key, { content, expiresAt }] of written) this.objects.set(key, { content, expiresAt });
  }

  rollback(): void {
    if (this.#call === undefined) throw new Error('no call is under way');
    this.#call.alive = false;
    this.#call = undefined;
    this.#open.clear();
  }

  #opened(key: string, content: FakeContent, expiresAt: number): FakeTable {
    const handle = new FakeTable(content, this.#call as FakeCall, true);
    this.#open.set(key, { content, expiresAt, handle });
    return handle;
  }

  #live(key: string): FakeObject | undefined {
    const found = this.objects.get(key);
    return found !== undefined && (found.expiresAt === 0 || found.expiresAt > this.now()) ? found : undefined;
  }

  #key(at: number, length: number): string {
    return latin1(this.arena.bytes, at, length);
  }
}
