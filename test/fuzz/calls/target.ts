// Fuzz target `calls`: calls that open, make and remove objects, call each other in both languages, and store plain values, against a model.
// Some of them are ended by their budget or by a fault in an internal step, which must leave everything as it was.

import { assert } from '../../../src/base/assert.js';
import { ItemOption } from '../../../src/store/item.js';
import type { ItemRef } from '../../../src/store/store.js';
import type { Random } from '../../bench/load/random.js';
import { CallHarness } from '../../objects/call-harness.js';
import { composerIn, LANGUAGES, type Step, type Value } from '../../objects/composer.js';
import { checkStore } from '../../store/checker.js';
import { FaultInjector } from '../../tables/fault-injector.js';
import type { FuzzTarget, Json, Sequence } from '../target.js';
import { type Outcome, Reference } from './reference.js';

interface Setup {
  /** The languages of the types a and b. */
  readonly languages: readonly [number, number];
  readonly checkEvery: number;
}

type Call = readonly [
  type: string,
  method: string,
  key: string,
  /** The internal step that fails; 0: none. */
  fault: number,
  /** Budget; 0: enough. */
  budget: number,
  steps: readonly Step[],
];

const LONGEST = 60;
/** A call fits into the input. */
const MOST_BYTES = 12_000;
const ENOUGH = { steps: 1e9, bytes: 1e12, milliseconds: 60_000 };
const TYPES = ['a', 'b'];
const KEYS = ['k', 'l', 'm'];
const HANDLES = ['self', 'self', 'x', 'y'];
const METHODS = ['make', 'read', 'write', 'write', 'upsert', 'upsert'];
const DEEPEST = 3;

function one<T>(random: Random, choices: readonly T[]): T {
  return choices[random.below(choices.length)];
}

function value(random: Random): Value {
  const kind = random.below(6);
  if (kind === 0) return 'v'.repeat(random.below(300));
  if (kind === 1) return random.below(2) === 0;
  if (kind === 2) return 'w'.repeat(random.below(3000));
  return random.below(1000) / 4;
}

function step(random: Random, depth: number): Step {
  const type = one(random, TYPES);
  const key = one(random, KEYS);
  const handle = one(random, HANDLES);
  const field = `f${random.below(12)}`;
  const plain = one(random, ['p', 'q', `${type}$${key}`]);
  switch (random.below(20)) {
    case 0:
    case 1:
    case 2:
      return ['open', one(random, ['x', 'y']), type, key, one(random, ['read', 'write', 'upsert', 'upsert'])];
    case 3:
      return ['create', one(random, ['x', 'y']), type, key];
    case 4:
      return random.below(2) === 0 ? ['remove'] : ['remove', type, key];
    case 5:
      return [one(random, ['get', 'delete'] as const), handle, field];
    case 6:
      return ['content', handle];
    case 7:
      return ['value', plain];
    case 8:
      return ['setValue', plain, 'b'.repeat(random.below(200))];
    case 9:
      return ['deleteValue', plain];
    case 10:
      if (random.below(2) === 0) return ['exists', type, key];
      return ['call', one(random, ['key', 'type', 'isNew', 'existed'] as const)];
    case 11:
      return random.below(4) === 0 ? [one(random, ['throw', 'refuse'] as const), 'no'] : ['call', 'key'];
    case 12:
      return one(random, [['return', 5], ['returnSelf'], ['returnNothing'], ['abandon']] as const);
    case 13:
    case 14:
    case 15: {
      if (depth >= DEEPEST) return ['call', 'type'];
      const args = { steps: steps(random, depth + 1) as unknown as Value };
      const invoked: Step = ['invoke', type, one(random, METHODS), key, args];
      return random.below(4) === 0 ? ['try', invoked] : invoked;
    }
    default:
      return ['set', handle, field, value(random)];
  }
}

function steps(random: Random, depth: number): Step[] {
  return Array.from({ length: 1 + random.below(depth === 0 ? 8 : 5) }, () => step(random, depth));
}

function generate(random: Random): Sequence {
  const setup: Setup = { languages: [random.below(2), random.below(2)], checkEvery: [1, 5][random.below(2)] };
  const calls = Array.from({ length: 1 + random.below(LONGEST) }, (): Call => {
    const fault = random.below(4) === 0 ? 1 + random.below(random.below(2) === 0 ? 30 : 200) : 0;
    const budget = random.below(8) === 0 ? 1 + random.below(1000) : 0;
    const list = steps(random, 0);
    const fitting = JSON.stringify(list).length > MOST_BYTES ? list.slice(0, 1) : list;
    return [one(random, TYPES), one(random, METHODS), one(random, KEYS), fault, budget, fitting];
  });
  return { setup: setup as unknown as Json, steps: calls as unknown as Json[] };
}

class World {
  private readonly harness: CallHarness;
  private readonly injector: FaultInjector;
  private readonly reference = new Reference();
  private sinceCheck = 0;
  /** The internal step of the next call that fails; 0: none. */
  private fault = 0;

  constructor(private readonly setup: Setup) {
    const types = setup.languages.map((language, index) => composerIn(LANGUAGES[language], TYPES[index]));
    this.harness = new CallHarness(types, { arenaBytes: 4 * 1024 * 1024, budget: ENOUGH });
    const { tables } = this.harness;
    this.injector = new FaultInjector(this.harness);
    // Beginning and ending a call cannot fail.
    const { begin } = tables;
    tables.begin = (...args) => {
      begin.apply(tables, args);
      if (this.fault > 0) this.injector.arm(this.fault);
    };
    for (const name of ['commit', 'rollback'] as const) {
      const end = tables[name];
      tables[name] = () => {
        this.injector.disarm();
        end.call(tables);
      };
    }
  }

  do([type, method, key, fault, budget, list]: Call): void {
    const { harness, injector } = this;
    const { budget: meter, suspensions } = harness.calls.invocation;
    if (budget > 0) meter.limits = { ...ENOUGH, steps: budget };
    this.fault = fault;
    injector.failed = undefined;
    const reply = harness.get(`${type}:${method}:${key}:${JSON.stringify(list)}`);
    this.fault = 0;
    meter.limits = ENOUGH;
    suspensions.lift(harness.calls.method);
    const isEnded = injector.failed !== undefined || / takes more than \d+ steps$/.test(reply);
    const outcome = this.reference.call(type, method, key, list, isEnded);
    compare(reply, outcome, isEnded);
    if (isEnded || ++this.sinceCheck >= this.setup.checkEvery) this.check();
  }

  check(): void {
    this.sinceCheck = 0;
    checkStore(this.harness.store);
    const wanted = this.reference.content();
    const names: string[] = [];
    this.harness.store.forEachItem((item) => names.push(keyOf(this.harness, item)));
    assert(names.length === wanted.size, `${names.length} items, not ${wanted.size}: ${names.join(' ')}`);
    for (const [name, content] of wanted) {
      const text = typeof content === 'string' ? this.harness.plain(name) : contentOf(this.harness, name);
      const expected = typeof content === 'string' ? content : JSON.stringify(content);
      assert(text === expected, `${name} is ${text?.slice(0, 200)}, not ${expected.slice(0, 200)}`);
    }
  }
}

function compare(reply: string, outcome: Outcome, isEnded: boolean): void {
  const isError = /^(CLIENT|SERVER)_ERROR /.test(reply);
  assert(isError === (outcome.kind === 'error'), `${reply.slice(0, 300)} instead of ${JSON.stringify(outcome)}`);
  if (isError || isEnded) return;
  const wanted = outcome.kind === 'result' ? shown(outcome.value) : 'END';
  assert(reply === wanted, `${reply.slice(0, 300)} instead of ${wanted.slice(0, 300)}`);
}

/** As a result is shown to clients. */
function shown(result: Value): string {
  return typeof result === 'object' ? JSON.stringify(result) : String(result);
}

function contentOf({ store, calls }: CallHarness, name: string): string {
  const { arena } = store;
  const { at } = arena.windows(0).input;
  for (let index = 0; index < name.length; index++) arena.bytes[at + index] = name.charCodeAt(index);
  const item = store.find(at, name.length);
  if (item === 0 || !store.items.has(item, ItemOption.object)) return 'no object';
  return String(calls.content(at, name.length).value);
}

function keyOf({ store }: CallHarness, item: ItemRef): string {
  const position = store.keyPosition(item);
  const at = store.arena.indexOf(position);
  return Buffer.from(store.arena.viewOf(position).slice(at, at + store.keyLength(item))).toString('latin1');
}

export const callsTarget: FuzzTarget = {
  name: 'calls',
  generate,
  run({ setup, steps: calls }: Sequence): number {
    const world = new World(setup as unknown as Setup);
    for (const call of calls) world.do(call as unknown as Call);
    world.check();
    return calls.length;
  },
};
