// The requests of each command: counted exactly, timed in part, and shown to be data that a reset clears.

import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/operations/command-table.js';
import { Right } from '../../src/operations/rights.js';
import { resetStatistics } from '../../src/operations/statistics/statistics.js';
import { Login } from '../../src/security/authenticator.js';
import { frame, numberExtras, Opcode, storageExtras } from '../protocols/binary/frames.js';
import { BinaryHarness } from '../protocols/binary/harness.js';
import { Harness } from '../protocols/text/harness.js';

const countsOf = ({ engine }: Harness, word: string) => {
  const found = engine.shell.operations.times.list().find(({ command }) => command === word);
  if (found === undefined) throw new Error(`no command ${word}`);
  return found;
};

test('each request counts once, also one whose value arrives later', () => {
  const harness = new Harness();
  harness.ask('set k 0 0 5\r\nhello\r\nget k\r\nget k k k\r\ndelete k\r\nmg k v\r\n');
  // In pieces of 16 bytes.
  harness.ask('set k 0 0 5\r\nhello\r\n', 16);
  expect(['set', 'get', 'delete', 'mg'].map((word) => countsOf(harness, word).requests)).toEqual([2, 2, 1, 1]);
});

test('the first request of one run in 64 is timed', () => {
  const harness = new Harness();
  const timed = () =>
    COMMANDS.map(({ word }) => [word, countsOf(harness, word).times.count]).filter(([, count]) => count !== 0);
  harness.ask('delete k\r\nget k\r\n');
  expect(timed()).toEqual([['delete', 1]]);
  for (let run = 1; run < 64; run++) harness.ask('get k\r\nget k\r\n');
  expect(timed()).toEqual([['delete', 1]]);
  harness.ask('get k k\r\n');
  expect(timed()).toEqual([
    ['get', 1],
    ['delete', 1],
  ]);
  expect(countsOf(harness, 'get').requests).toBe(128);
  expect(countsOf(harness, 'get').times.sumSeconds).toBeGreaterThan(0);
});

test('of very many runs one in 512 is timed, and counts as eight, so that percentiles are those of all', () => {
  const harness = new Harness();
  for (let run = 0; run < 64 * 32; run++) harness.ask('get k\r\n');
  expect(countsOf(harness, 'get').times.count).toBe(32);
  for (let run = 0; run < 512 * 3; run++) harness.ask('get k\r\n');
  const { count, buckets } = countsOf(harness, 'get').times;
  expect(count).toBe(32 + 8 * 3);
  expect(buckets.reduce((sum, times) => sum + times, 0)).toBe(count);
});

test('a line that is no request is not timed', () => {
  const harness = new Harness();
  harness.ask('nonsense\r\nget k\r\n');
  expect(COMMANDS.filter(({ word }) => countsOf(harness, word).times.count > 0)).toEqual([]);
});

test('a request that is answered with an error line counts as an error of its command, a line that is no request of none', () => {
  const harness = new Harness();
  harness.ask('set k 0 0 1\r\na\r\nincr k 1\r\nnonsense\r\nset k 0 0 1\r\nabc\r\n');
  const errors = COMMANDS.map(({ word }) => [word, countsOf(harness, word).errors]).filter(([, count]) => count !== 0);
  expect(errors).toEqual([
    ['set', 1],
    ['incr', 1],
  ]);
  expect(harness.ask('stats transport\r\n')).toMatch(/STAT requests_refused [1-9]/);
});

test('a binary request that fails counts as an error of its command, one that is refused of none, and a miss is no error', () => {
  const harness = new BinaryHarness();
  const extras = storageExtras();
  const key = 'k';
  harness.all(
    Buffer.concat([
      frame(Opcode.set, { key, value: 'a', extras }),
      frame(Opcode.add, { key, value: 'a', extras }),
      frame(Opcode.get, { key: 'missing' }),
      frame(Opcode.delete, { key: 'missing' }),
      frame(Opcode.increment, { key, extras: numberExtras(1n) }),
      frame(Opcode.set, { key, value: 'x'.repeat(2 * 1024 * 1024), extras }),
      frame(0x77, { key }),
    ]),
  );
  const counted = COMMANDS.map(({ word }) => [word, countsOf(harness, word)] as const).filter(
    ([, { requests }]) => requests !== 0,
  );
  expect(counted.map(([word, { errors, requests }]) => [word, requests, errors])).toEqual([
    ['get', 1, 0],
    ['set', 2, 1],
    ['add', 1, 0],
    ['incr', 1, 1],
    ['delete', 1, 0],
  ]);
  expect(harness.ask('stats transport\r\n')).toContain('STAT requests_refused 1\r\n');
});

test('a binary request that the client has no right for counts once, also one whose value arrives later', () => {
  const login = new Login(() => {});
  login.accept({ name: 'ann', rights: Right.read });
  const harness = new BinaryHarness({}, { isForOwnClient: false, begin: () => login });
  const set = frame(Opcode.set, { key: 'k', value: 'abc', extras: storageExtras() });
  harness.all(Buffer.concat([frame(Opcode.saslAuth, { key: 'PLAIN', value: '\0ann\0secret' }), set]), 5);
  const { errors, requests } = countsOf(harness, 'set');
  expect([requests, errors]).toEqual([1, 1]);
});

test('stats reset clears requests, errors and times', () => {
  const harness = new Harness();
  harness.ask('incr k 1\r\nget k\r\n');
  resetStatistics(harness.engine.shell.operations);
  for (const { requests, errors, times } of harness.engine.shell.operations.times.list()) {
    expect([requests, errors, times.count, ...times.buckets]).toEqual(Array(3 + times.buckets.length).fill(0));
  }
});
