// The object of a record, which a restore makes in slices: other clients see what was there before until it is complete, and nothing of it is
// left if it cannot be completed.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.js';
import { ObjectInPieces, PortableFailure } from '../../src/objects/calls/portable-objects.js';
import { readItem } from '../../src/operations/portable/record.js';
import { RestoreResult } from '../../src/operations/portable/restore-result.js';
import { checkStore } from '../store/checker.js';
import { FaultInjector } from '../tables/fault-injector.js';
import { dumpOf } from './portable-harness.js';
import {
  begin,
  check,
  expectNothingLeft,
  finish,
  GET,
  MISSING,
  portableOf,
  RECORD,
  STEPS,
  serverOf,
  stepsOf,
  tablesOf,
} from './portable-pieces.js';

describe('an object with all kinds of fields', () => {
  test.each([
    ['nothing', '', MISSING],
    ['a value', 'set all$a 0 0 3\r\nold\r\n', 'VALUE all$a 0 3\r\nold\r\nEND\r\n'],
    ['another object', 'get all:list:a\r\n', 'VALUE all$a 0 2\r\n[]\r\nEND\r\n'],
  ])('is made step by step where there is %s, which clients see until it is complete', (_name, before, seen) => {
    const server = serverOf();
    server.ask(before);
    const { itemCount } = server.store;
    const restore = begin(server);
    let slices = 0;
    const outcome = finish(restore, (slice) => {
      slices = slice;
      if (slice % 20 !== 0) return;
      expect(server.ask(GET)).toBe(seen);
      expect(server.store.itemCount).toBe(itemCount);
      check(server, restore);
    });
    expect(outcome.result).toBe(RestoreResult.restored);
    expect(slices).toBe(STEPS);
    expect(dumpOf(server)).toEqual([RECORD]);
    check(server, restore);
    expectNothingLeft(server);
  });

  test('has the same content however its steps are divided, while others use their objects', () => {
    const random = new Random();
    random.seed(0, 3);
    for (let round = 0; round < 6; round++) {
      const server = serverOf();
      const restore = begin(server, RECORD, stepsOf(1 + Math.floor(random.fraction() * 40)));
      const outcome = finish(restore, (slice) => {
        const kind = ['many', 'fill', 'list'][Math.floor(random.fraction() * 3)];
        const requests = `get all:${kind}:b${slice % 5}\r\ndelete all$b${(slice * 3) % 5}\r\n`;
        if (slice % 10 === 0) expect(server.ask(requests)).not.toContain('ERROR');
      });
      expect(outcome.result).toBe(RestoreResult.restored);
      expect(dumpOf(server)).toContain(RECORD);
      check(server, restore);
      expectNothingLeft(server);
    }
  });

  test('is dropped whole wherever its client goes', () => {
    const server = serverOf();
    for (let slices = 1; slices < STEPS; slices += 37) {
      const restore = begin(server);
      for (let left = slices; left > 0; left--) expect(restore.next()).toBeUndefined();
      expect(restore.item).toBeGreaterThan(0);
      restore.close();
      checkStore(server.store);
    }
    expect(server.ask(GET)).toBe(MISSING);
    expectNothingLeft(server);
  });

  test('is dropped whole wherever its record is cut off or damaged', () => {
    const server = serverOf();
    server.ask('get all:list:a\r\n');
    for (let cut = 1; cut < RECORD.length - 40; cut += 997) {
      const damaged = cut % 2 === 0 ? RECORD.slice(0, -cut) : `${RECORD.slice(0, -cut)}\xff${RECORD.slice(1 - cut)}`;
      const outcome = finish(begin(server, damaged, stepsOf(7)));
      // One byte of a text may have any value.
      if (cut % 2 === 0) expect(outcome.result).toBe(RestoreResult.refused);
      if (outcome.result === RestoreResult.restored) server.ask('delete all$a\r\nget all:list:a\r\n');
      expect(server.ask(GET)).toContain('[]');
      checkStore(server.store);
    }
    expectNothingLeft(server);
  });

  test('is dropped whole wherever a step fails, and another can be made', () => {
    const server = serverOf();
    const faults = new FaultInjector({ tables: tablesOf(server), store: server.store });
    const portable = portableOf(server);
    const { key, value, version } = readItem(Buffer.from(RECORD, 'latin1'));
    const { at } = server.arena.windows(0).scratch;
    const state = { version, isPinnedByType: false, isPinnedByCall: false };
    let failures = 0;
    for (const before of [1, 60, 380, 830]) {
      for (let step = 1; ; step += 5) {
        const made = new ObjectInPieces(value);
        server.arena.bytes.set(key, at);
        let left = before;
        portable.make(at, key.length, state, 0, made, () => --left === 0);
        expect(made.item).toBeGreaterThan(0);
        let asked = 0;
        const make = () =>
          portable.make(at, key.length, state, 0, made, () => {
            if (++asked === 1) faults.arm(step);
            else if (asked === 4) faults.disarm();
            return asked === 4;
          });
        if (attempt(make)) {
          portable.unfinished.drop(made.item);
          break;
        }
        failures++;
        faults.disarm();
        expect([made.item, server.store.itemCount]).toEqual([0, 0]);
        if (failures % 10 === 0) checkStore(server.store);
      }
    }
    expect(failures).toBeGreaterThan(20);
    expect(finish(begin(server)).result).toBe(RestoreResult.restored);
    expect(dumpOf(server)).toEqual([RECORD]);
    expectNothingLeft(server);
  });
});

/** Whether it did not fail. */
function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (thrown) {
    if (!(thrown instanceof PortableFailure)) throw thrown;
    return false;
  }
}
