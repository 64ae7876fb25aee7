// Unique counting: how many different members were added. Exact up to 256, then an estimate with a standard error of 0.8 %: HyperLogLog (Heule et al.,
// "HyperLogLog in Practice", 2013), with hashes of 64 bits, so that it counts as far as numbers reach.
//
// Members cannot be removed. With `windows`, members are counted by the time at which they came: the counter has one sketch for each of the last
// windows. Counters of all servers hash alike and can be united; one of a lower precision lowers that of the union. A counter takes 8 bytes a
// member up to 256, 1.3 KB at 1,000 members, and 12.6 KB from about 2,500 on, at any number. One that is evicted starts anew.
//
// Fields: precision, windows, windowMs (absent: 14, 1, 0); under the number of a slot its sketch: `x` and hashes, `s` and registers as a text, or a
// byte array of registers; with windows, in w0, w1 ... the number of the window in that slot.

import { type CallContext, defineType, method, type Table } from 'cacheismo';
import { folded, standardError } from './lib/estimate.js';
import { HIGHEST_PRECISION } from './lib/registers.js';
import { sparseOf } from './lib/sketch.js';
import { add, addAll, PRECISION, precisionOf, sketchIn, store, storeRegisters } from './lib/slots.js';
import {
  countOf,
  HASHES,
  hashesOf,
  lowestPrecision,
  registersOf,
  registersRead,
  type Sketch,
  type Sketches,
  SPARSE,
  unionOf,
} from './lib/unions.js';

const MOST_LISTED = 1000;
const MOST_KEYS = 64;
/** Of the other counters of a union, and of the windows of a counter. Measured: 2 ns each. */
const MOST_REGISTERS = 2 ** 22;

function windowsOf(self: Table): number {
  return (self.get('windows') as number | undefined) ?? 1;
}

/** The slot of now, emptied if it was that of an earlier window. */
function currentSlot(self: Table, call: CallContext): number {
  const windows = windowsOf(self);
  if (windows === 1) return 0;
  const number = Math.floor(call.monotonicMs / (self.get('windowMs') as number));
  const slot = number % windows;
  if (self.get(`w${slot}`) !== number) {
    self.delete(slot);
    self.set(`w${slot}`, number);
  }
  return slot;
}

/** Sketches of the windows of which any part lies in the last milliseconds; 0: of all. */
function recent(self: Table, call: CallContext, lastMs: number): Sketches {
  const windows = windowsOf(self);
  const windowMs = (self.get('windowMs') as number | undefined) ?? 1;
  const now = Math.floor(call.monotonicMs / windowMs);
  const from = lastMs === 0 ? 0 : Math.floor((call.monotonicMs - lastMs) / windowMs);
  const list: Sketch[] = [];
  for (let slot = 0; slot < windows; slot++) {
    const number = windows === 1 ? now : ((self.get(`w${slot}`) as number | undefined) ?? -windows);
    const sketch = number > now - windows && number >= from ? sketchIn(self, slot) : undefined;
    if (sketch !== undefined) list.push(sketch);
  }
  return { precision: precisionOf(self), list };
}

/** Sketches of the counters in a list of keys with commas between them; one that does not exist is empty. */
function others(keys: string, call: CallContext): Sketches[] {
  const names = keys.split(',');
  if (names.length > MOST_KEYS) call.refuse(`at most ${MOST_KEYS} counters are united at a time`);
  const sketches = names.flatMap((name) => {
    const other = call.open('uniq', name);
    return other === undefined ? [] : [recent(other, call, 0)];
  });
  const registers = sketches.reduce((sum, { precision, list }) => sum + list.length * 2 ** precision, 0);
  if (registers > MOST_REGISTERS) {
    call.refuse(
      `at most ${MOST_REGISTERS} registers are united at a time: name fewer counters, or lower their precision`,
    );
  }
  return sketches;
}

/** The number of members of counters together; refuses more registers than a call has time for. */
function countOfFew(all: readonly Sketches[], call: CallContext): number {
  // A counter of the highest precision is united with as many others as may be.
  if (registersRead(all) > MOST_REGISTERS + 2 ** HIGHEST_PRECISION) {
    call.refuse(
      `at most ${MOST_REGISTERS} registers are united at a time: name fewer counters, or count fewer windows by last_ms`,
    );
  }
  return countOf(all);
}

function merge(self: Table, keys: string, call: CallContext): string {
  const given = others(keys, call);
  const slot = currentSlot(self, call);
  lowerPrecision(self, lowestPrecision([...given, { precision: precisionOf(self), list: [] }]));
  const own = sketchIn(self, slot);
  const all = [...given, { precision: precisionOf(self), list: own === undefined ? [] : [own] }];
  const hashes = hashesOf(all);
  if (hashes === undefined) {
    const registers = unionOf(all);
    if (typeof own === 'object') storeRegisters(self, slot, registers);
    else store(self, slot, SPARSE + sparseOf(registers));
  } else if (hashes.size > 0) self.set(slot, HASHES + [...hashes].join(''));
  return `OK ${countOfFew([recent(self, call, 0)], call)}`;
}

/** Folds all sketches to a precision; hashes stay as they are. */
function lowerPrecision(self: Table, precision: number): void {
  const before = precisionOf(self);
  if (precision === before) return;
  self.set('precision', precision);
  for (let slot = 0; slot < windowsOf(self); slot++) {
    const sketch = sketchIn(self, slot);
    if (sketch === undefined || (typeof sketch === 'string' && sketch.startsWith(HASHES))) continue;
    const registers = folded(registersOf(sketch, before), before, precision);
    self.delete(slot);
    store(self, slot, SPARSE + sparseOf(registers));
  }
}

function intersection(self: Table, key: string, call: CallContext): string {
  const own = recent(self, call, 0);
  const [other] = others(key, call);
  if (other === undefined) return 'OK 0 0';
  const counts = [[own], [other], [own, other]].map((all) => countOfFew(all, call));
  const isExact = hashesOf([own, other]) !== undefined;
  const precision = lowestPrecision([own, other]);
  const error = isExact ? 0 : Math.ceil(standardError(precision) * Math.hypot(...counts));
  return `OK ${Math.max(0, counts[0] + counts[1] - counts[2])} ${error}`;
}

function info(self: Table, call: CallContext): string {
  const { precision, list } = recent(self, call, 0);
  const bytes = list.reduce((sum, sketch) => sum + sketch.length, 0);
  if (hashesOf([{ precision, list }]) !== undefined) return `EXACT ${bytes} 0`;
  const form = list.some((sketch) => typeof sketch !== 'string') ? 'DENSE' : 'SPARSE';
  return `${form} ${bytes} ${Number(standardError(precision).toPrecision(3))}`;
}

const keys = { type: 'string', minLength: 1, description: 'keys of counters, with commas between them' } as const;

export default defineType({
  name: 'uniq',
  summary: 'how many different members were added: HyperLogLog',
  missing: 'empty',
  methods: {
    new: method({
      access: 'create',
      summary: 'CREATED; with windows, one sketch for each of the last windows of `window_ms`',
      parameters: {
        precision: { type: 'integer', minimum: 4, maximum: HIGHEST_PRECISION, default: PRECISION },
        windows: { type: 'integer', minimum: 1, maximum: 366, default: 1 },
        window_ms: { type: 'integer', minimum: 0, maximum: 31_536_000_000, default: 0 },
      },
      run(self, { precision, windows, window_ms }, call) {
        if (windows > 1 !== window_ms > 0) call.refuse('windows and window_ms belong together: set both, or none');
        if (windows * 2 ** precision > MOST_REGISTERS) {
          const most = Math.floor(Math.log2(MOST_REGISTERS / windows));
          call.refuse(
            `${windows} windows of that precision are too many to be counted in one call: the precision may be at most ${most}`,
          );
        }
        self.set('precision', precision);
        if (windows > 1) {
          self.set('windows', windows);
          self.set('windowMs', window_ms);
        }
        return 'CREATED';
      },
    }),
    add: method({
      access: 'upsert',
      summary: '1 if the count has changed, 0 if not: the member came before, or is not told from those that did',
      parameters: { member: { type: 'string' } },
      run: (self, { member }, call) => (add(self, currentSlot(self, call), call.hash64(member)) ? 1 : 0),
    }),
    addall: method({
      access: 'upsert',
      summary: '1 if any member of a JSON list has changed the count, else 0',
      parameters: { members: { type: 'array', items: { type: 'string' }, maxItems: MOST_LISTED } },
      run(self, { members }, call) {
        const hashes = members.map((member) => call.hash64(member));
        return addAll(self, currentSlot(self, call), hashes) ? 1 : 0;
      },
    }),
    count: method({
      access: 'read',
      summary: 'the number of members, of all windows or of those of the last milliseconds',
      parameters: { last_ms: { type: 'integer', minimum: 0, default: 0 } },
      run: (self, { last_ms }, call) => countOfFew([recent(self, call, last_ms)], call),
    }),
    union: method({
      access: 'read',
      summary: 'the number of members of this counter and others together',
      parameters: { keys },
      run: (self, args, call) => countOfFew([recent(self, call, 0), ...others(args.keys, call)], call),
    }),
    merge: method({
      access: 'upsert',
      summary: 'adds the members of other counters; OK and the number of members',
      parameters: { keys },
      run: (self, args, call) => merge(self, args.keys, call),
    }),
    intersection: method({
      access: 'read',
      summary:
        'OK, how many members are in both counters, and its standard error in members: that of all of them, however few are in both',
      parameters: { key: { type: 'string', minLength: 1 } },
      run: (self, args, call) => intersection(self, args.key, call),
    }),
    info: method({
      access: 'read',
      summary: 'EXACT, SPARSE or DENSE, the bytes of all sketches, and the relative standard error',
      run: (self, _none, call) => info(self, call),
    }),
  },
});
