// Runs one member of `self` or of `call` on an object of some size, and measures what it costs and what it charges.

import { type CallContext, method, type Table } from '../../../src/objects/types/object-type.js';
import type { Budget } from '../../../src/tables/budget.js';
import { MethodError } from '../../../src/tables/call-errors.js';
import type { TableView } from '../../../src/tables/table-view.js';
import { threadCpuMilliseconds } from '../../bench/host/thread-clock.js';
import { CallHarness } from '../call-harness.js';
import { type Cost, heapBytes } from '../cost-bars.js';
import { typeOf } from '../types-for-tests.js';
import { ENDING, FURTHER, type Member, OF_CALL } from './members.js';

const MEBIBYTE = 1024 * 1024;
const LARGE_FIELDS = 1000;

function fail(): never {
  throw new MethodError('refused');
}

/** An object of some size, and a method that measures one member on it repeatedly, since V8 optimizes code that runs often. */
export class MemberRunner {
  readonly #harness: CallHarness;
  readonly #text: string;
  #withHeap = false;
  #isMade = false;
  #cost: Cost | undefined;

  constructor(
    private readonly member: Member,
    private readonly fields: number,
    bytes: number,
    filling: string,
  ) {
    this.#text = Buffer.alloc(bytes, filling, 'latin1').toString('latin1');
    const make = (self: Table, _args: never, call: CallContext): string => {
      call.setValue('plain', this.#text);
      for (let index = 0; index < fields; index++) self.set(`k${index}`, `${filling}${index}`);
      self.set('nested', { a: 1, b: { c: [1, 2, 'three'] } });
      self.set('long', this.#text);
      self.set('number', 254);
      for (let n = 1; n <= fields; n++) self.child('list').push(`${filling}${n}`);
      for (let n = 1; n <= fields / 10; n++) self.child('tables').push({ a: `${filling}${n}`, b: [n] });
      const index = self.ordered('index');
      for (let number = 0; number < fields; number++) index.set(`m${number}`, (number * 7919) % 1000);
      index.set(filling.repeat(900), 5);
      self.set('small', { number: 1, long: 'short', list: [1, 2, 3, 4, 5, 6], tables: [{ a: 1 }], nested: { a: 1 } });
      const ofSmall = self.child('small').ordered('index');
      for (let number = 0; number < 20; number++) ofSmall.set(`m${number}`, number);
      self.bytes('bytes', bytes).fill(0x5a, 0, bytes - 10);
      self.bytes('other', bytes).fill(0xa5, 10);
      return 'made';
    };
    const go = (self: Table, _args: never, call: CallContext): never => this.#measure(self as TableView, call);
    const methods = {
      new: method({ access: 'create', run: make }),
      go: method({ access: 'write', run: go }),
      whole: method({ access: 'read', run: (self) => self }),
      failing: method({ access: 'upsert', run: () => fail() }),
      callee: method({
        access: 'upsert',
        parameters: { text: { type: 'string', default: '' } },
        run: (_self, { text }) => text.length,
      }),
      counter: method({
        access: 'upsert',
        parameters: { list: { type: 'array' } },
        run: (_self, { list }) => list.length,
      }),
    };
    this.#harness = new CallHarness([typeOf('t', methods)], {
      arenaBytes: 16 * MEBIBYTE,
      resultLimitBytes: 4 * MEBIBYTE,
      budget: { steps: 1e9, bytes: 1e12, milliseconds: 60_000 },
    });
  }

  run(withHeap: boolean): Cost {
    this.#withHeap = withHeap;
    this.#cost = undefined;
    // A large one is the same after a run as before: to make it takes longer than most members. To make a small one compiles code, too.
    if (!this.#isMade) this.#call('new', 'made');
    this.#isMade = this.fields >= LARGE_FIELDS;
    this.#call('go', 'CLIENT_ERROR ');
    if (this.#cost === undefined) throw new Error('the method was never reached');
    return this.#cost;
  }

  #call(method: string, expected: string): void {
    const reply = this.#harness.get(`t:${method}:k`);
    if (!reply?.startsWith(expected)) throw new Error(`${method}: ${reply}`);
  }

  /** Making the object has evicted everything else from the processor's caches, which is not a cost of the member. */
  #fillCaches(self: TableView, call: CallContext): void {
    // The call would have ended.
    const isEnding = Object.values(ENDING).includes(this.member);
    const member = isEnding ? FURTHER['invoke of a short method'] : this.member === OF_CALL.refuse ? fail : this.member;
    const small = self.child('small') as TableView;
    for (let time = 0; time < 3; time++) {
      try {
        member(small, call, 'short, but longer than a number is');
        fail();
      } catch {
        threadCpuMilliseconds();
      }
    }
  }

  /** Fails in the end, which undoes what the member has done. */
  #measure(self: TableView, call: CallContext): never {
    const budget: Budget = this.#harness.calls.invocation.budget;
    this.#fillCaches(self, call);
    const { stepsLeft, bytesLeft } = budget;
    const heap = this.#withHeap ? heapBytes() : 0;
    let kept: unknown;
    const startMs = threadCpuMilliseconds();
    try {
      kept = this.member(self, call, this.#text);
    } catch (error) {
      // A refused call must not cost more.
      kept = error;
    }
    const cpuMicroseconds = (threadCpuMilliseconds() - startMs) * 1000;
    const grownBytes = this.#withHeap ? heapBytes() - heap : 0;
    this.#cost = {
      cpuMicroseconds,
      steps: stepsLeft - budget.stepsLeft,
      bytes: bytesLeft - budget.bytesLeft,
      grownBytes,
    };
    throw new MethodError(kept === undefined ? 'nothing' : 'something');
  }
}
