// Random operations on objects and plain items in a small arena, compared with maps in ordinary memory, with the whole arena checked in
// between.

import type { Arena } from '../../src/arena/memory.js';
import type { ByteArray, Key, OrderedIndex, Scalar, Table } from '../../src/objects/types/object-type.js';
import { PinnedLimitError } from '../../src/tables/call-errors.js';
import { OutOfMemoryError, type StoredTable } from '../../src/tables/table-store.js';
import { arenaAfterRestart } from '../memory-file/restarted.js';
import { checkStore } from '../store/checker.js';
import { BytesModel, changeBytes, lookAtBytes } from './bytes/bytes-model.js';
import { TableHarness } from './harness.js';
import { SortedModel } from './ordered/sorted-model.js';

type Field = Scalar | Content | SortedModel | BytesModel;
type Content = Map<Key, Field>;

export interface ModelOptions {
  readonly seed: number;
  readonly operations: number;
  readonly limitBytes: number;
  readonly objects: number;
  /** The number of keys that one table may have. */
  readonly keys: number;
  readonly longestText: number;
  readonly operationsBetweenChecks: number;
  /** Passes the arena through a memory file at each check. */
  readonly restarts?: boolean;
  /** Pinned objects may take this percentage of the memory; by default no object is pinned. */
  readonly pinnedPercent?: number;
}

export interface ModelTally {
  calls: number;
  commits: number;
  rollbacks: number;
  outOfMemory: number;
  pinnedRefusals: number;
  evictedObjects: number;
  largestTable: number;
}

const MEBIBYTE = 1024 * 1024;

/** Sizes at which the layout differs, with the number of operations for a short test. */
export const MODEL_CASES = [
  {
    name: 'small tables',
    operations: 10_000,
    options: { limitBytes: 2 * MEBIBYTE, objects: 30, keys: 20, longestText: 60 },
  },
  {
    name: 'tables between small and large',
    operations: 10_000,
    options: { limitBytes: 2 * MEBIBYTE, objects: 20, keys: 100, longestText: 200 },
  },
  {
    name: 'large tables with long texts',
    operations: 30_000,
    options: { limitBytes: 4 * MEBIBYTE, objects: 4, keys: 2000, longestText: 4000 },
  },
  {
    name: 'tables in a full arena',
    operations: 10_000,
    options: { limitBytes: MEBIBYTE, objects: 200, keys: 200, longestText: 3000 },
  },
  {
    name: 'tables that fill an arena',
    operations: 30_000,
    options: { limitBytes: MEBIBYTE, objects: 2, keys: 4000, longestText: 3000 },
  },
  {
    name: 'pinned tables in a full arena',
    operations: 10_000,
    options: { limitBytes: MEBIBYTE, objects: 60, keys: 200, longestText: 3000, pinnedPercent: 4 },
  },
] as const;

class Random {
  constructor(private state: number) {}

  /** From 0 to below `limit` (Mulberry32). */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

export class TableModel {
  readonly tally: ModelTally = {
    calls: 0,
    commits: 0,
    rollbacks: 0,
    outOfMemory: 0,
    pinnedRefusals: 0,
    evictedObjects: 0,
    largestTable: 0,
  };
  private harness: TableHarness;
  private readonly random: Random;
  private readonly objects = new Map<string, Content>();
  /** Objects that the call keeps only if it leaves something in them. */
  private readonly tentative = new Set<string>();
  private pinned = new Set<string>();
  private operations = 0;

  constructor(private readonly options: ModelOptions) {
    this.harness = this.makeHarness();
    this.random = new Random(options.seed);
  }

  private makeHarness(arena?: Arena): TableHarness {
    const share = { percent: this.options.pinnedPercent ?? 0 };
    const others = arena === undefined ? {} : { arena };
    return new TableHarness(this.options.limitBytes, undefined, undefined, share, others);
  }

  run(): ModelTally {
    this.fill();
    let nextCheck = this.options.operationsBetweenChecks;
    while (this.operations < this.options.operations) {
      this.step();
      if (this.operations < nextCheck) continue;
      nextCheck = this.operations + this.options.operationsBetweenChecks;
      if (this.options.restarts) this.harness = this.makeHarness(arenaAfterRestart(this.harness.arena));
      checkStore(this.harness.store);
      this.compareAll();
    }
    checkStore(this.harness.store);
    this.compareAll();
    return this.tally;
  }

  /** Plain items up to the limit, so that every further store must evict. */
  private fill(): void {
    const { store } = this.harness;
    for (let index = 0; store.usedBytes < store.limitBytes * 0.95; index++) this.harness.set(`filling${index}`, 200);
  }

  private step(): void {
    const { random, harness } = this;
    const chance = random.below(100);
    this.operations++;
    if (chance < 60) this.call();
    else if (chance < 85) this.storePlain();
    else if (chance < 87) this.removeOne();
    else if (chance < 92) harness.store.tick();
    else if (chance < 94) this.touchOne();
    else if (chance < 95) this.expireOne();
    else if (chance === 95 && random.below(200) === 0) this.flush();
  }

  private storePlain(): void {
    const { random, harness } = this;
    for (let count = random.below(20); count > 0; count--) {
      this.operations++;
      harness.set(`plain${random.below(100_000)}`, random.below(random.below(10) === 0 ? 5000 : 200));
    }
  }

  /** A call on one or two objects that is committed or rolled back. */
  private call(): void {
    const { random, harness, tally } = this;
    const before = [...this.objects].map(([name, content]) => [name, copyOf(content)] as const);
    const pinnedBefore = new Set(this.pinned);
    const bytesBefore = harness.store.retained.bytes;
    const names = [this.name(), this.name()].slice(0, 1 + random.below(2));
    tally.calls++;
    this.tentative.clear();
    harness.begin();
    try {
      for (const name of names) this.change(name);
      if (random.below(3) === 0) throw new Rollback();
      harness.tables.commit();
      for (const name of this.tentative) {
        if (this.objects.get(name)?.size !== 0) continue;
        this.objects.delete(name);
        this.pinned.delete(name);
      }
      tally.commits++;
      const { bytes, limitBytes } = harness.store.retained;
      equal(bytes <= Math.max(limitBytes, bytesBefore), true, 'pinned objects grow up to their limit only');
    } catch (error) {
      if (![Rollback, OutOfMemoryError, PinnedLimitError].some((kind) => error instanceof kind)) throw error;
      if (error instanceof OutOfMemoryError) tally.outOfMemory++;
      if (error instanceof PinnedLimitError) tally.pinnedRefusals++;
      if (harness.tables.isCalled) harness.tables.rollback();
      tally.rollbacks++;
      this.objects.clear();
      for (const [name, content] of before) this.objects.set(name, content);
      this.pinned = pinnedBefore;
    }
    this.forgetEvicted();
  }

  private change(name: string): void {
    const { random, harness } = this;
    this.forgetEvicted(name);
    let table = harness.tryOpen(name);
    const isEmpty = this.tentative.has(name) && this.objects.get(name)?.size === 0;
    let content = isEmpty ? undefined : this.objects.get(name);
    if ((table === undefined) !== (content === undefined)) throw new Error(`${name} is in one of store and model only`);
    if (table !== undefined && random.below(40) === 0) {
      equal(harness.remove(name), true, 'was there');
      equal(harness.tryOpen(name), undefined, 'the removed object');
      table = undefined;
    }
    if (table === undefined || random.below(40) === 0) {
      const isTentative = table === undefined && random.below(4) === 0;
      table = isTentative ? harness.createIfWritten(name) : harness.create(name);
      content = new Map();
      this.objects.set(name, content);
      if (!(isTentative && isEmpty)) this.pinned.delete(name);
      if (isTentative) this.tentative.add(name);
      else this.tentative.delete(name);
    }
    if (this.options.pinnedPercent !== undefined && random.below(4) === 0) {
      const isPinned = random.below(3) > 0;
      harness.pin(name, isPinned);
      if (isPinned) this.pinned.add(name);
      else this.pinned.delete(name);
    }
    const changes = random.below(25) === 0 ? random.below(100 + this.options.keys / 4) : random.below(6);
    for (let count = 0; count < changes; count++) {
      this.operations++;
      this.changeTable(table, content as Content, 0);
    }
  }

  private changeTable(table: StoredTable, content: Content, depth: number): void {
    const { random } = this;
    const key = this.key();
    const chance = random.below(200) / 2;
    const special = random.below(60);
    if (special < 3) this.changeIndex(table, content);
    else if (special >= 57) this.changeBytes(table, content);
    else if (special < 6) this.changeList(table, content);
    else if (special < 9) this.addToNumber(table, content, key);
    else if (chance < 8) this.changeNested(table, content, key, depth);
    else if (chance < 73) {
      const value = this.value();
      table.set(key, value);
      content.set(key, value);
    } else if (chance < 85) {
      equal(table.delete(key), content.delete(key), 'deleted');
    } else if (chance < 94) {
      this.compareField(table, content, key);
    } else if (chance < 96) {
      equal(table.count, content.size, 'count');
    } else if (chance === 96 && random.below(10) === 0) {
      table.clear();
      content.clear();
    } else if (chance === 97) {
      this.sweep(table, content);
    } else if (chance === 97.5) {
      if (random.below(3) === 0) this.sweepByKeys(table, content);
    } else if (chance === 98) {
      table.set(key, { a: 1, list: [1, 'two'] });
      content.set(
        key,
        new Map<Key, Field>([
          ['a', 1],
          [
            'list',
            new Map<Key, Field>([
              [1, 1],
              [2, 'two'],
            ]),
          ],
        ]),
      );
    }
  }

  private changeNested(table: StoredTable, content: Content, key: Key, depth: number): void {
    if (depth === 4) return;
    let nested = content.get(key);
    if (!(nested instanceof Map)) {
      if (nested !== undefined) {
        equal(
          messageOf(() => table.child(key)).includes('not a table; delete it first'),
          true,
          'child of a scalar refused',
        );
        table.set(key, {});
      }
      nested = new Map();
      content.set(key, nested);
    }
    const child = table.child(key);
    for (let count = this.random.below(6); count >= 0; count--) {
      this.operations++;
      this.changeTable(child, nested, depth + 1);
    }
  }

  /** Changes an ordered index of the table: a few members, many, or the ends. */
  private changeIndex(table: StoredTable, content: Content): void {
    const { random } = this;
    const key = `index${random.below(2)}`;
    let model = content.get(key);
    if (!(model instanceof SortedModel)) {
      equal(table.delete(key), content.delete(key), 'deleted');
      model = new SortedModel(random.below(2) === 0 ? 'arrival' : 'bytes');
      content.set(key, model);
    }
    const index = table.ordered(key, model.ties);
    for (let count = random.below(8) === 0 ? random.below(200) : random.below(5); count >= 0; count--) {
      this.operations++;
      const member = `${random.below(30) === 0 ? 'long'.repeat(100) : 'm'}${random.below(this.options.keys)}`;
      const chance = random.below(20);
      const score = random.below(random.below(2) === 0 ? 20 : 1000) - 5;
      if (chance < 14) equal(index.set(member, score), model.set(member, score), 'is new');
      else if (chance < 18) equal(index.delete(member), model.delete(member), 'was there');
      else equal(index.popFirst()?.[0], model.popFirst()?.[0], 'popped');
    }
    model.compare(index, 'the index');
  }

  /** Changes a byte array of the table. */
  private changeBytes(table: StoredTable, content: Content): void {
    const { random } = this;
    const key = `bytes${random.below(2)}`;
    let model = content.get(key);
    if (!(model instanceof BytesModel) || random.below(20) === 0) {
      equal(table.delete(key), content.delete(key), 'deleted');
      model = new BytesModel(1 + random.below(random.below(4) === 0 ? 20_000 : 2000));
      content.set(key, model);
    }
    const array = table.bytes(key, model.length);
    for (let count = random.below(5); count >= 0; count--) {
      this.operations++;
      changeBytes(random, array, model);
      lookAtBytes(random, array, model);
    }
  }

  /** Changes a list of the table at its ends and within. */
  private changeList(table: StoredTable, content: Content): void {
    const { random } = this;
    let model = content.get('list');
    if (!(model instanceof Map)) {
      table.set('list', []);
      model = new Map();
      content.set('list', model);
    }
    const list = table.child('list');
    const elements = [...model.values()];
    for (let count = random.below(8) === 0 ? random.below(60) : random.below(5); count >= 0; count--) {
      this.operations++;
      const chance = random.below(10);
      const value = this.value();
      if (chance < 4) equal(list.push(value, 1), elements.push(value, 1), 'length after push');
      else if (chance < 5) {
        list.push({ a: value });
        elements.push(new Map([['a', value]]));
      } else if (chance < 6) sameElement(list.pop(), elements.pop());
      else if (chance < 8) sameElement(list.shift(), elements.shift());
      else {
        const start = 1 + random.below(elements.length + 1);
        const removed = random.below(4);
        const values = [value, 'spliced'].slice(random.below(3));
        const taken = elements.splice(start - 1, removed, ...values);
        const got = list.splice(start, removed, ...values);
        equal(got.length, taken.length, 'removed elements');
        for (const [index, element] of got.entries()) sameElement(element, taken[index]);
      }
      equal(list.length, elements.length, 'length');
    }
    model.clear();
    for (const [index, element] of elements.entries()) model.set(index + 1, element);
  }

  private addToNumber(table: StoredTable, content: Content, key: Key): void {
    const held = content.get(key) ?? 0;
    const by = this.random.below(600) - 200;
    if (typeof held === 'number') {
      equal(table.add(key, by), held + by, 'sum');
      content.set(key, held + by);
    } else {
      const message = messageOf(() => table.add(key, by));
      equal(message.includes('nothing can be added'), true, 'add to a field without a number refused');
    }
  }

  /** Walks over a table and deletes or changes some fields during the walk. */
  private sweep(table: StoredTable, content: Content): void {
    const kept = 2 + this.random.below(10);
    let count = 0;
    const keys = [...content.keys()];
    for (const [key] of table.entries()) {
      if (!Object.is(key, keys[count])) throw new Error(`walked to ${String(key)}, not ${String(keys[count])}`);
      if (count % kept === 0) {
        table.delete(key);
        content.delete(key);
      } else if (count % kept === 1) {
        const value = this.value();
        table.set(key, value);
        content.set(key, value);
      }
      count++;
    }
    equal(count, keys.length, 'fields walked over');
  }

  private sweepByKeys(table: StoredTable, content: Content): void {
    const kept = 1 + this.random.below(4);
    const keys = [...content.keys()];
    let count = 0;
    for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
      const known = typeof key === 'number' ? key : Buffer.from(key).toString('latin1');
      if (!Object.is(known, keys[count])) throw new Error(`walked to ${String(known)}, not ${String(keys[count])}`);
      if (count % kept === 0) {
        table.delete(key);
        content.delete(known);
      }
      count++;
    }
    equal(count, keys.length, 'keys walked over');
  }

  private compareField(table: Table, content: Content, key: Key): void {
    const value = table.get(key);
    const wanted = content.get(key);
    equal(table.has(key), content.has(key), 'has');
    if (wanted instanceof BytesModel) wanted.compare(value as unknown as ByteArray, String(key));
    else if (typeof value === 'object') equal(sizeOf(wanted), value.count, 'fields of a nested table');
    else if (!Object.is(value, wanted)) throw new Error(`read ${String(value)}, not ${String(wanted)}`);
  }

  private compareAll(): void {
    for (const [name, content] of this.objects) {
      this.forgetEvicted(name);
      if (!this.objects.has(name)) continue;
      this.harness.begin();
      this.compareTable(this.harness.open(name, false), content);
      this.harness.tables.rollback();
    }
  }

  private compareTable(table: Table, content: Content): void {
    equal(table.count, content.size, 'count');
    this.tally.largestTable = Math.max(this.tally.largestTable, content.size);
    const fields = content.entries();
    for (const [key, value] of table.entries()) {
      const [wantedKey, wanted] = fields.next().value as [Key, Field];
      if (!Object.is(key, wantedKey)) throw new Error(`key ${String(key)}, not ${String(wantedKey)}`);
      if (wanted instanceof SortedModel) wanted.compare(value as unknown as OrderedIndex, String(key));
      else if (wanted instanceof BytesModel) wanted.compare(value as unknown as ByteArray, String(key));
      else if (typeof value === 'object') this.compareTable(value, wanted as Content);
      else if (!Object.is(value, wanted)) throw new Error(`value ${String(value)}, not ${String(wanted)}`);
    }
  }

  /** Removes objects from the model that the store has evicted or that have expired. */
  private forgetEvicted(only?: string): void {
    for (const name of only === undefined ? this.objects.keys() : [only]) {
      if (!this.objects.has(name) || this.harness.find(name) !== 0 || this.isOpen(name)) continue;
      if (this.pinned.has(name)) throw new Error(`${name} is pinned and was evicted`);
      this.objects.delete(name);
      this.tally.evictedObjects++;
    }
  }

  private isOpen(name: string): boolean {
    return this.harness.tables.isCalled && this.harness.tryOpen(name) !== undefined;
  }

  private removeOne(): void {
    const name = this.name();
    const item = this.harness.find(name);
    if (item !== 0) this.harness.store.remove(item);
    this.objects.delete(name);
    this.pinned.delete(name);
  }

  private touchOne(): void {
    const item = this.harness.find(this.name());
    if (item === 0) return;
    this.harness.store.hitObject(item);
    const moved = this.harness.store.setExpiry(item, this.random.below(2) === 0 ? 0 : this.harness.clock.now + 1e6);
    if (moved !== 0 && this.random.below(4) === 0) this.harness.store.ensureCas(moved);
  }

  private expireOne(): void {
    const name = this.name();
    this.harness.begin();
    const table = this.harness.tryOpen(name);
    if (table !== undefined) {
      const at = this.harness.clock.now + 1e6 + this.random.below(1000);
      this.harness.tables.expire(this.harness.place(name), name.length, at);
    }
    try {
      this.harness.tables.commit();
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
    this.forgetEvicted();
  }

  private flush(): void {
    this.harness.store.flushAll();
    this.objects.clear();
    this.pinned.clear();
  }

  private name(): string {
    return `type$object${this.random.below(this.options.objects)}`;
  }

  private key(): Key {
    const number = this.random.below(this.options.keys);
    switch (this.random.below(8)) {
      case 0:
        return number;
      case 1:
        return number * 1000.5;
      case 2:
        return `${'long'.repeat(40)}${number}`;
      default:
        return `key${number}`;
    }
  }

  private value(): Scalar {
    const { random } = this;
    switch (random.below(10)) {
      case 0:
        return random.below(2) === 0;
      case 1:
        return random.below(1000);
      case 2:
        return random.below(2 ** 40) * (random.below(2) - 0.5);
      case 3:
        return 'x'.repeat(random.below(this.options.longestText));
      default:
        return String.fromCharCode(random.below(256)).repeat(random.below(30));
    }
  }
}

class Rollback extends Error {}

function copyOf(content: Content): Content {
  return new Map([...content].map(([key, field]) => [key, copyOfField(field)]));
}

function copyOfField(field: Field): Field {
  if (field instanceof SortedModel || field instanceof BytesModel) return field.copy();
  return field instanceof Map ? copyOf(field) : field;
}

/** A table that was removed from a list is returned as a copy. */
function sameElement(element: unknown, wanted: Field | undefined): void {
  if (wanted instanceof Map) equal(JSON.stringify(element), JSON.stringify(Object.fromEntries(wanted)), 'element');
  else equal(element, wanted, 'element');
}

function sizeOf(field: Field | undefined): number {
  if (field instanceof SortedModel) return field.count;
  return field instanceof Map ? field.size : -1;
}

function messageOf(fail: () => unknown): string {
  try {
    fail();
  } catch (error) {
    if (error instanceof OutOfMemoryError) throw error;
    return error instanceof Error ? error.message : '';
  }
  return '';
}

function equal(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted) throw new Error(`${what}: ${String(actual)}, not ${String(wanted)}`);
}
