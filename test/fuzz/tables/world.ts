// The effects of the steps of target `tables`: on objects in a small arena, and on a model of maps in ordinary memory.

import type { ByteArray, Key, OrderedIndex, Scalar, Table } from '../../../src/objects/types/object-type.js';
import { BudgetError } from '../../../src/tables/budget.js';
import { MethodError, PinnedLimitError } from '../../../src/tables/call-errors.js';
import { PINNED_BY_CALL, PINNED_BY_TYPE } from '../../../src/tables/table-layout.js';
import { OutOfMemoryError, type StoredTable } from '../../../src/tables/table-store.js';
import { Random } from '../../bench/load/random.js';
import { checkStore } from '../../store/checker.js';
import { BytesModel, changeBytes, lookAtBytes } from '../../tables/bytes/bytes-model.js';
import { FaultInjector, InjectedFault } from '../../tables/fault-injector.js';
import { TableHarness } from '../../tables/harness.js';
import { SortedModel } from '../../tables/ordered/sorted-model.js';
import type { Json } from '../target.js';

export interface Setup {
  readonly limitBytes: number;
  /** The highest limit that a step may set; the limit stays where there is none. */
  readonly mostBytes?: number;
  readonly isFull: boolean;
  readonly checkEvery: number;
  /** Pinned objects may take this part of the memory; at 0 there are none. */
  readonly pinnedPercent?: number;
}

type Path = readonly Key[];

export type Change =
  | readonly [kind: 'set', path: Path, key: Key, value: Json]
  | readonly [kind: 'delete', path: Path, key: Key]
  | readonly [kind: 'clear', path: Path]
  | readonly [kind: 'fill', path: Path, from: number, count: number, length: number]
  | readonly [kind: 'sweep', path: Path, every: number]
  | readonly [kind: 'expire', seconds: number]
  | readonly [kind: 'make' | 'replace' | 'give up' | 'remove' | 'upsert']
  | readonly [kind: 'pin', isPinned: boolean]
  | readonly [kind: 'read', path: Path]
  | readonly [kind: 'copy', path: Path, key: Key, from: Path]
  | readonly [kind: 'upgrade']
  | readonly [kind: 'add', path: Path, key: Key, by: number]
  | readonly [kind: 'list', path: Path, changes: readonly ListChange[]]
  | readonly [kind: 'index', path: Path, key: Key, isByBytes: boolean, changes: readonly IndexChange[]]
  | readonly [kind: 'bytes', path: Path, key: Key, length: number, seed: number, count: number];

type IndexChange =
  | readonly [kind: 'put', first: number, count: number, score: number, step: number, length: number]
  | readonly [kind: 'drop', first: number, count: number, length: number]
  | readonly [kind: 'popFirst' | 'popLast', count: number];

export type ListChange =
  | readonly [kind: 'push', values: readonly Json[]]
  | readonly [kind: 'pop' | 'shift']
  | readonly [kind: 'splice', start: number, removed: number, values: readonly Json[]];

export type Call = readonly [
  kind: 'call',
  objects: readonly number[],
  /** The internal step that fails; 0: none. */
  fault: number,
  /** Budget; 0: enough. */
  steps: number,
  /** 0: rolled back at its end; 1: a failure is caught and the call continues to its commit; else it ends normally. */
  ending: number,
  changes: readonly Change[],
];

export type Step =
  | Call
  | readonly [kind: 'plain', first: number, count: number, length: number]
  | readonly [kind: 'tick']
  | readonly [kind: 'remove', object: number]
  | readonly [kind: 'touch', object: number, how: number]
  | readonly [kind: 'limit', bytes: number]
  | readonly [kind: 'settle', looks: number]
  | readonly [kind: 'flush'];

type Field = Scalar | Content | SortedModel | BytesModel;

interface Content {
  readonly fields: Map<Key, Field>;
  isList: boolean;
  /** Of an object. */
  version: number;
}

const ENOUGH = 1e9;

class Undone extends Error {}

export class World {
  private readonly harness: TableHarness;
  private readonly injector: FaultInjector;
  private objects = new Map<string, Content>();
  /** Objects that the call keeps only if it leaves something in them. */
  private readonly tentative = new Set<string>();
  /** The marks of the objects that are pinned. */
  private pins = new Map<string, number>();
  private sinceCheck = 0;

  constructor(private readonly setup: Setup) {
    const share = { percent: setup.pinnedPercent ?? 0 };
    this.harness = new TableHarness(setup.limitBytes, undefined, setup.mostBytes, share);
    this.injector = new FaultInjector(this.harness);
    const { store } = this.harness;
    for (let index = 0; setup.isFull && store.usedBytes < store.limitBytes * 0.95; index++) {
      this.harness.set(`filling${index}`, 300);
    }
  }

  do(step: Step): void {
    const { harness } = this;
    switch (step[0]) {
      case 'call':
        this.call(step);
        break;
      case 'plain':
        for (let index = 0; index < step[2]; index++) harness.set(`plain${step[1] + index}`, step[3]);
        break;
      case 'tick':
        harness.store.tick();
        break;
      case 'remove': {
        const item = harness.find(nameOf(step[1]));
        if (item !== 0) harness.store.remove(item);
        this.forget(nameOf(step[1]));
        break;
      }
      case 'touch': {
        const item = harness.find(nameOf(step[1]));
        if (item === 0) break;
        harness.store.hitObject(item);
        const moved = harness.store.setExpiry(item, step[2] === 0 ? 0 : harness.clock.now + 1e6);
        if (moved !== 0 && step[2] === 2) harness.store.ensureCas(moved);
        break;
      }
      case 'limit':
        if (harness.store.memoryLimit.refusal(step[1]) === undefined) harness.store.memoryLimit.set(step[1]);
        break;
      case 'settle': {
        let left = step[1];
        harness.store.memoryLimit.slice(() => left-- <= 0);
        break;
      }
      case 'flush':
        harness.store.flushAll();
        this.objects.clear();
        this.pins.clear();
    }
    this.forgetEvicted();
    if (++this.sinceCheck >= this.setup.checkEvery) this.check();
  }

  /** A limit that has changed takes full effect, at the latest when pinned objects, which may leave no room to move others, are removed. */
  end(): void {
    const { store } = this.harness;
    let slices = 0;
    for (let progress = 'more'; progress !== 'done'; progress = store.memoryLimit.slice(() => false)) {
      if (++slices === 100) throw new Error('the memory beyond the limit is not given up');
      if (progress !== 'stuck' || store.retained.count === 0) continue;
      this.forgetEvicted();
      this.check();
      for (const name of this.objects.keys()) store.remove(this.harness.find(name));
      this.objects.clear();
      this.pins.clear();
    }
    this.forgetEvicted();
    this.check();
  }

  check(): void {
    this.sinceCheck = 0;
    checkStore(this.harness.store);
    for (const [name, content] of this.objects) {
      this.harness.begin();
      compare(this.harness.open(name, false), content, name);
      const at = this.harness.place(name);
      equal(this.harness.tables.versions.at(at, name.length), content.version, `version of ${name}`);
      this.harness.tables.rollback();
      const pins = this.harness.tables.parts.layout.pinsOf(this.harness.find(name));
      equal(pins, this.pins.get(name) ?? 0, `pins of ${name}`);
    }
  }

  private call([, numbers, fault, steps, ending, changes]: Call): void {
    const { harness, injector } = this;
    const before = new Map([...this.objects].map(([name, content]) => [name, copyOf(content)]));
    this.tentative.clear();
    const pinsBefore = new Map(this.pins);
    const bytesBefore = harness.store.retained.bytes;
    const isLimited = steps > 0;
    harness.budget.limits = { ...harness.budget.limits, steps: isLimited ? steps : ENOUGH };
    harness.begin();
    let isCaught = false;
    if (fault > 0) injector.arm(fault);
    try {
      for (const number of numbers) this.change(nameOf(number), changes);
      if (ending === 0) throw new Undone();
    } catch (error) {
      if (!isExpected(error)) throw error;
      isCaught = true;
    }
    injector.disarm();
    const mayCommit = !isCaught || (ending === 1 && harness.tables.parts.isChanging);
    try {
      if (mayCommit) harness.tables.commit();
      else harness.tables.rollback();
      if (mayCommit && isCaught) throw new Error('a call whose change was cut short has committed');
    } catch (error) {
      if (!isExpected(error)) throw error;
      isCaught = true;
    }
    harness.budget.limits = { ...harness.budget.limits, steps: ENOUGH };
    if (!isCaught) {
      for (const name of this.tentative) if (this.objects.get(name)?.fields.size === 0) this.forget(name);
      const { bytes, limitBytes } = harness.store.retained;
      if (bytes > Math.max(limitBytes, bytesBefore)) throw new Error('pinned objects take more than they may');
      return;
    }
    this.objects = before;
    this.pins = pinsBefore;
    // Only an interrupted change can have broken something.
    if (fault > 0) this.sinceCheck = this.setup.checkEvery;
  }

  private change(name: string, changes: readonly Change[]): void {
    const { harness } = this;
    const isUpsert = changes[0]?.[0] === 'upsert';
    const isPinned = this.isOfPinnedType(name);
    let table = harness.tryOpen(name, true, isPinned) ?? this.makeObject(name, isUpsert);
    this.pins.set(name, (this.pins.get(name) ?? 0) | (isPinned ? PINNED_BY_TYPE : 0));
    for (const change of changes) {
      switch (change[0]) {
        case 'make':
          table = this.makeObject(name, false);
          break;
        case 'replace': {
          const old = table;
          table = harness.replace(name, isPinned);
          demandGone(old, 'replaced');
          this.keep(name, false);
          this.pins.set(name, isPinned ? PINNED_BY_TYPE : 0);
          break;
        }
        case 'give up':
          harness.replace(name, isPinned).set('k', 1);
          demandGone(table, 'replaced');
          harness.abandonLast();
          break;
        case 'remove':
          equal(harness.remove(name), this.isThere(name), 'was there');
          demandGone(table, 'removed');
          equal(harness.tryOpen(name), undefined, 'the removed object');
          this.forget(name);
          table = this.makeObject(name, isUpsert);
          break;
        case 'pin': {
          harness.pin(name, change[1]);
          const others = (this.pins.get(name) ?? 0) & ~PINNED_BY_CALL;
          this.pins.set(name, change[1] ? others | PINNED_BY_CALL : others);
          break;
        }
        case 'upsert':
          break;
        case 'upgrade':
          this.upgrade(name);
          break;
        case 'expire':
          harness.tables.expire(harness.place(name), name.length, harness.clock.now + 1e6 + change[1]);
          break;
        default:
          apply(change, table, this.objects.get(name) as Content);
      }
    }
  }

  private makeObject(name: string, isTentative: boolean): StoredTable {
    const isPinned = this.isOfPinnedType(name);
    // One that is empty is there already.
    const isSame = isTentative && this.tentative.has(name) && this.objects.has(name);
    const table = isTentative ? this.harness.createIfWritten(name, isPinned) : this.harness.create(name, isPinned);
    this.keep(name, isTentative);
    if (!isSame) this.pins.set(name, isPinned ? PINNED_BY_TYPE : 0);
    return table;
  }

  private keep(name: string, isTentative: boolean): void {
    this.objects.set(name, made(false));
    if (isTentative) this.tentative.add(name);
    else this.tentative.delete(name);
  }

  private isThere(name: string): boolean {
    return !(this.tentative.has(name) && this.objects.get(name)?.fields.size === 0);
  }

  private upgrade(name: string): void {
    const { tables } = this.harness;
    const content = this.objects.get(name) as Content;
    const at = this.harness.place(name);
    equal(tables.versions.at(at, name.length), content.version, `version of ${name}`);
    content.version = 1 + (content.version % 7);
    tables.versions.upgrade(at, name.length, content.version, () => {});
  }

  private forgetEvicted(): void {
    for (const name of [...this.objects.keys()]) {
      if (this.harness.find(name) !== 0) continue;
      if ((this.pins.get(name) ?? 0) !== 0) throw new Error(`${name} is pinned and was evicted`);
      this.forget(name);
    }
  }

  private forget(name: string): void {
    this.objects.delete(name);
    this.pins.delete(name);
  }

  /** The last two objects are, where objects may be pinned. */
  private isOfPinnedType(name: string): boolean {
    return (this.setup.pinnedPercent ?? 0) > 0 && /[45]$/.test(name);
  }
}

/** An object that the call has removed or replaced. */
function demandGone(table: StoredTable | undefined, how: string): void {
  try {
    table?.has('any');
  } catch (error) {
    if (error instanceof MethodError && error.message.includes(how)) return;
    throw error;
  }
  if (table !== undefined) throw new Error(`a table of a ${how} object can be used`);
}

type Plain = Exclude<
  Change,
  | readonly ['make' | 'replace' | 'give up' | 'remove' | 'upsert' | 'upgrade']
  | readonly ['expire', number]
  | readonly ['pin', boolean]
>;

function apply(change: Plain, root: StoredTable, content: Content): void {
  const [table, model] = descend(root, content, change[1]);
  switch (change[0]) {
    case 'set':
      table.set(change[2], change[3] as Scalar);
      model.fields.set(change[2], contentOf(change[3]));
      break;
    case 'delete':
      equal(table.delete(change[2]), model.fields.delete(change[2]), 'deleted');
      break;
    case 'clear':
      table.clear();
      model.fields.clear();
      break;
    case 'fill':
      for (let index = change[2]; index < change[2] + change[3]; index++) {
        table.set(`key${index}`, 'f'.repeat(change[4]));
        model.fields.set(`key${index}`, 'f'.repeat(change[4]));
      }
      break;
    case 'sweep':
      sweep(table, model, change[2]);
      break;
    case 'read':
      compare(table, model, 'table');
      break;
    case 'index':
      changeIndex(table, model, change);
      break;
    case 'bytes':
      changeArray(table, model, change);
      break;
    case 'add':
      addTo(table, model, change[2], change[3]);
      break;
    case 'list':
      for (const step of change[2]) changeList(table, model, step);
      break;
    case 'copy': {
      const [from, fromModel] = descend(root, content, change[3]);
      table.set(change[2], from as never);
      model.fields.set(change[2], { ...copyOf(fromModel), version: 1 });
    }
  }
}

function changeIndex(table: StoredTable, model: Content, change: Change): void {
  if (change[0] !== 'index') return;
  const [, , key, isByBytes, changes] = change;
  let wanted = model.fields.get(key);
  if (!(wanted instanceof SortedModel)) {
    equal(table.delete(key), model.fields.delete(key), 'deleted');
    wanted = new SortedModel(isByBytes ? 'bytes' : 'arrival');
    model.fields.set(key, wanted);
  }
  const index = table.ordered(key, wanted.ties);
  for (const step of changes) {
    if (step[0] === 'put') {
      for (let number = 0; number < step[2]; number++) {
        const member = memberOf(step[1] + number, step[5]);
        const score = step[3] + number * step[4];
        equal(index.set(member, score), wanted.set(member, score), `${member} is new`);
      }
    } else if (step[0] === 'drop') {
      for (let number = 0; number < step[2]; number++) {
        const member = memberOf(step[1] + number, step[3]);
        equal(index.delete(member), wanted.delete(member), `${member} was there`);
      }
    } else {
      for (let number = 0; number < step[1]; number++) {
        const popped = step[0] === 'popFirst' ? index.popFirst() : index.popLast();
        equal(popped?.[0], wanted[step[0]]()?.[0], 'popped');
      }
    }
  }
  const [member, score] = index.at(1 + (index.count >>> 1)) ?? [];
  if (member === undefined || score === undefined) return;
  equal(index.rank(member), 1 + (index.count >>> 1), 'rank of the member in the middle');
  equal(index.get(member), score, 'score of the member in the middle');
}

/** Changes a byte array, one of another length if it is not long enough; the seed decides how. */
function changeArray(table: StoredTable, model: Content, change: Change): void {
  if (change[0] !== 'bytes') return;
  const [, , key, length, seed, count] = change;
  const random = new Random(seed);
  let wanted = model.fields.get(key);
  if (!(wanted instanceof BytesModel) || wanted.length < length) {
    equal(table.delete(key), model.fields.delete(key), 'deleted');
    wanted = new BytesModel(length);
    model.fields.set(key, wanted);
  }
  const array = table.bytes(key, wanted.length);
  for (let done = 0; done < count; done++) changeBytes(random, array, wanted);
  lookAtBytes(random, array, wanted);
}

function addTo(table: StoredTable, model: Content, key: Key, by: number): void {
  const held = model.fields.get(key) ?? 0;
  if (typeof held === 'number') {
    equal(table.add(key, by), held + by, 'sum');
    model.fields.set(key, held + by);
    return;
  }
  try {
    table.add(key, by);
  } catch (error) {
    if (error instanceof MethodError && error.message.includes('nothing can be added')) return;
    throw error;
  }
  throw new Error(`${by} was added to a field that holds no number`);
}

/** Any fields with numbers as keys may be the elements. The table says how many they are: there may be holes. */
function changeList(table: StoredTable, model: Content, step: ListChange): void {
  const { length } = table;
  const { fields } = model;
  if ((length > 0 && !fields.has(length)) || fields.has(length + 1))
    throw new Error(`no list has the length ${length}`);
  const kind = step[0];
  if (kind === 'pop' && length === 0) {
    equal(table.pop(), undefined, 'popped');
    return;
  }
  const start = step[0] === 'splice' ? step[1] : kind === 'shift' ? 1 : kind === 'pop' ? length : length + 1;
  const first = Math.min(start, length + 1);
  const values = step[0] === 'push' ? step[1] : step[0] === 'splice' ? step[3] : [];
  const most = step[0] === 'splice' ? step[2] : kind === 'push' ? 0 : 1;
  const wanted = spliceModel(model, first, Math.min(most, length + 1 - first), length, values);
  const taken = takeFrom(table, step, values as Scalar[]);
  equal(taken.length, wanted.length, 'elements removed');
  for (const [index, value] of taken.entries()) {
    if (typeof value !== 'object') equal(value, wanted[index], 'element removed');
  }
}

function takeFrom(table: StoredTable, step: ListChange, values: readonly Scalar[]): readonly unknown[] {
  if (step[0] === 'splice') return table.splice(step[1], step[2], ...values);
  if (step[0] !== 'push')
    return [step[0] === 'pop' ? table.pop() : table.shift()].filter((value) => value !== undefined);
  const before = table.length;
  equal(table.push(...values), before + values.length, 'length after push');
  return [];
}

function spliceModel(
  model: Content,
  first: number,
  removed: number,
  length: number,
  values: readonly Json[],
): readonly Field[] {
  const { fields } = model;
  const from = (key: number) =>
    Array.from({ length: Math.max(0, length + 1 - key) }, (_, index) => fields.get(key + index));
  const taken = from(first).slice(0, removed);
  const isEmpty = fields.size === 0;
  const moved = values.length === removed ? [] : from(first + removed);
  const isMoving = moved.length > 0 || removed > values.length;
  let key = first;
  for (const value of [...values.map(contentOf), ...moved]) {
    if (value === undefined) fields.delete(key++);
    else fields.set(key++, value);
  }
  while (isMoving && key <= length) fields.delete(key++);
  if (isEmpty ? values.length > 0 : fields.size === 0) model.isList = true;
  return taken.filter((value) => value !== undefined);
}

function memberOf(number: number, length: number): string {
  return `member${number}`.padEnd(length, 'm');
}

/** The nested table at a path, which replaces a field with another value. */
function descend(root: StoredTable, content: Content, path: Path): readonly [StoredTable, Content] {
  let table = root;
  let model = content;
  for (const key of path) {
    let nested = model.fields.get(key);
    if (typeof nested !== 'object' || nested instanceof SortedModel || nested instanceof BytesModel) {
      if (nested !== undefined) table.set(key, {});
      nested = made(false);
      table.child(key);
      model.fields.set(key, nested);
    }
    table = table.child(key);
    model = nested;
  }
  return [table, model];
}

function sweep(table: StoredTable, model: Content, every: number): void {
  const keys = [...model.fields.keys()];
  let count = 0;
  for (const [key] of table.entries()) {
    if (!Object.is(key, keys[count])) throw new Error(`walked to ${String(key)}, not ${String(keys[count])}`);
    if (count % every === 0) {
      table.delete(key);
      model.fields.delete(key);
    } else {
      table.set(key, 's'.repeat(count % 90));
      model.fields.set(key, 's'.repeat(count % 90));
    }
    count++;
  }
  equal(count, keys.length, 'fields walked over');
}

function compare(table: Table, content: Content, name: string): void {
  equal(table.count, content.fields.size, `count of ${name}`);
  equal((table as StoredTable).isList, content.isList, `${name} is a list`);
  const fields = content.fields.entries();
  for (const [key, value] of table.entries()) {
    const [wantedKey, wanted] = fields.next().value as [Key, Field];
    if (!Object.is(key, wantedKey)) throw new Error(`${name}: key ${String(key)}, not ${String(wantedKey)}`);
    if (wanted instanceof SortedModel) wanted.compare(value as unknown as OrderedIndex, `${name}.${key}`);
    else if (wanted instanceof BytesModel) wanted.compare(value as unknown as ByteArray, `${name}.${key}`);
    else if (typeof value === 'object') compare(value, wanted as Content, `${name}.${key}`);
    else if (!Object.is(value, wanted)) throw new Error(`${name}.${key}: ${String(value)}, not ${String(wanted)}`);
  }
}

function made(isList: boolean): Content {
  return { fields: new Map(), isList, version: 1 };
}

function contentOf(value: Json): Field {
  if (typeof value !== 'object' || value === null) return value as Scalar;
  const content = made(Array.isArray(value));
  if (Array.isArray(value)) {
    for (const [index, field] of value.entries()) content.fields.set(index + 1, contentOf(field));
  } else for (const [key, field] of Object.entries(value)) content.fields.set(key, contentOf(field));
  return content;
}

function copyOf(content: Content): Content {
  const fields = [...content.fields].map(([key, field]) => [key, copyOfField(field)] as const);
  return { ...content, fields: new Map(fields) };
}

function copyOfField(field: Field): Field {
  if (field instanceof SortedModel || field instanceof BytesModel) return field.copy();
  return typeof field === 'object' ? copyOf(field) : field;
}

/** The errors with which calls may fail: those that the steps cause on purpose, lack of memory or of room for pinned objects, tables that copies of copies nest too
    deep, and copies of tables with an index or a byte array. */
function isExpected(error: unknown): boolean {
  const isRefusal =
    error instanceof MethodError &&
    /nested more than|cut short|(an ordered index|a byte array) cannot be copied/.test(error.message);
  const kinds = [Undone, InjectedFault, BudgetError, OutOfMemoryError, PinnedLimitError];
  return isRefusal || kinds.some((kind) => error instanceof kind);
}

function nameOf(object: number): string {
  return `type$object${object}`;
}

function equal(actual: unknown, wanted: unknown, what: string): void {
  if (actual !== wanted) throw new Error(`${what}: ${String(actual)}, not ${String(wanted)}`);
}
