// Dumps and restores of a server in memory, by the commands that `cacheismo dump` and `cacheismo load` send.

import type { Table } from '../../src/objects/types/object-type.js';
import { after, typeOf } from '../objects/types-for-tests.js';
import { Harness, type HarnessOptions } from '../protocols/text/harness.js';
import { objectKeys } from './object-harness.js';

export const START = 'DUMP 1\r\n';
const LONG = 'long text '.repeat(2000);

/** Fills an object with everything that a table can hold. */
function fillWithAll(self: Table): void {
  self.set('text', 'binary \0\xff\r\n');
  self.set('long', LONG);
  self.set('', 'empty key');
  self.set(7, 'a number as key');
  self.set(-1.5, 1e300);
  self.set('minus zero', -0);
  self.set('whole', 2 ** 53);
  self.set('negative', -77);
  self.set('yes', true);
  self.set('no', false);
  self.set('empty list', []);
  self.set('empty table', {});
  self.set('list', [1, 'two', { three: [4] }]);
  const nested = self.child('nested');
  for (let index = 0; index < 300; index++) nested.set(`field ${index}`, index);
  nested.child('deeper').ordered('inside').set('x', 1);
  const board = self.ordered('board', 'bytes');
  for (let index = 0; index < 500; index++) board.set(`member ${(index * 7) % 500}`, index % 10);
  // The order of arrival differs from that of the bytes.
  for (const name of ['zoe', 'ann', 'bob']) self.ordered('arrivals').set(name, 5);
  self.ordered('arrivals').set('early', Number.NEGATIVE_INFINITY);
  self.ordered('no members');
  const sketch = self.bytes('sketch', 100_001);
  sketch.write(70_000, 'in the middle');
  sketch.setU8(100_000, 255);
  self.bytes('untouched', 5000);
}

export const ALL = typeOf('all', {
  fill: { access: 'upsert', run: (self: Table) => after(fillWithAll(self), 'FILLED') },
  many: {
    access: 'upsert',
    run(self: Table) {
      for (let index = 0; index < 2000; index++) self.set(`field ${index}`, `value ${index}`);
      return 'FILLED';
    },
  },
  list: { access: 'create', run: (self: Table) => after([self.push('a'), self.pop()], 'EMPTY LIST') },
  pin: { access: 'write', run: (_self: Table, _args: unknown, call: { pin(): void }) => after(call.pin(), 'PINNED') },
  members: { access: 'read', run: (self: Table) => self.ordered('arrivals').members(1, -1).join(' ') },
  sign: { access: 'read', run: (self: Table) => String(Object.is(self.get('minus zero'), -0)) },
} as never);

export function portableServer(options: HarnessOptions = {}, types = [ALL]): Harness {
  return new Harness({
    limitBytes: 8 * 1024 * 1024,
    virtualKeys: objectKeys(types, { budget: { milliseconds: 1000 } }),
    ...options,
  });
}

/** The items and objects of a dump, or of a reply that holds one; and what comes before and after them. */
export function recordsOf(reply: string): { clock: string; records: string[]; end: string } {
  if (!reply.startsWith(START)) throw new Error(`no dump: ${reply.slice(0, 100)}`);
  const bytes = Buffer.from(reply, 'latin1');
  const records: string[] = [];
  for (let at = START.length; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    records.push(bytes.toString('latin1', at + 4, at + 4 + length));
    at += 4 + length;
  }
  const [clock = '', end = ''] = [records.shift(), records.pop()];
  if (!clock.startsWith('C') || !end.startsWith('E')) throw new Error('the dump has no clock, or no end');
  return { clock, records, end };
}

export function dumpOf(harness: Harness): string[] {
  return recordsOf(harness.ask('dump\r\n')).records;
}

export function restoreRequest(record: string, keeps = false): string {
  return `restore ${record.length}${keeps ? ' keep' : ''}\r\n${record}\r\n`;
}

/** The reply to each. */
export function restoreAll(harness: Harness, records: readonly string[], keeps = false): string[] {
  const reply = harness.ask(records.map((record) => restoreRequest(record, keeps)).join(''));
  return reply.split('\r\n').slice(0, -1);
}
