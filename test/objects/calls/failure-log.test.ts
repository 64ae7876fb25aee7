// How failures of methods are logged and stored: any value may be thrown, and lines are limited.

import { expect, test } from 'vitest';
import { FailureLog } from '../../../src/objects/calls/failure-log.js';
import { FailureRing, makeFailureMemory } from '../../../src/objects/calls/failure-ring.js';
import { notePlace, placeOf, stackOf, tame } from '../../../src/objects/calls/thrown.js';
import { TypeLines } from '../../../src/objects/calls/type-lines.js';
import type { RegisteredMethod } from '../../../src/objects/types/registered-type.js';
import { Budget, BudgetError, type BudgetLimits } from '../../../src/tables/budget.js';

const METHOD = {
  owner: { type: { name: 'bag', file: 'scripts/bag.lua' } },
  method: { name: 'put' },
} as unknown as RegisteredMethod;

function makeLog() {
  const lines: string[] = [];
  const clock = { now: 100, unixMs: 0 };
  const memory = makeFailureMemory();
  const failures = new FailureLog((_level, message) => lines.push(message), clock, new FailureRing(memory));
  const fail = (error: Error) => failures.note(METHOD, error, error.message, () => 'bag:put:k');
  return { lines, clock, memory, failures, fail };
}

test('each distinct message of a method is logged once a minute, with its number since', () => {
  const { lines, clock, fail } = makeLog();
  for (let call = 0; call < 5; call++) fail(new Error('full'));
  fail(new Error('empty'));
  clock.now += 60;
  fail(new Error('full'));
  expect(lines).toEqual([
    'scripts/bag.lua: bag:put failed for bag:put:k: full',
    'scripts/bag.lua: bag:put failed for bag:put:k: empty',
    'scripts/bag.lua: bag:put failed for bag:put:k: full (4 more times since)',
  ]);
});

test('a failure that one thread has logged is not logged by another within the minute', () => {
  const { lines, clock, memory, fail } = makeLog();
  const other = new FailureLog((_level, message) => lines.push(message), clock, new FailureRing(memory));
  fail(new Error('full'));
  other.note(METHOD, new Error('full'), 'full', () => 'bag:put:k');
  expect(lines).toHaveLength(1);
  clock.now += 60;
  other.note(METHOD, new Error('full'), 'full', () => 'bag:put:k');
  expect(lines[1]).toMatch(/: full \(1 more times since\)$/);
});

test('the oldest message is logged again after more distinct messages than are remembered', () => {
  const { lines, clock, fail } = makeLog();
  for (let number = 0; number <= 200; number++) {
    clock.now = 100 + number / 10;
    fail(new Error(`number ${number}`));
  }
  fail(new Error('number 200'));
  expect(lines).toHaveLength(201);
  fail(new Error('number 0'));
  expect(lines).toHaveLength(202);
});

test('a failure of a script is logged with its folder, its line and the message without them', () => {
  const { lines, fail } = makeLog();
  fail(new Error('bag.lua:14: attempt to index a nil value'));
  fail(new Error('lib/money.lua:3: no such currency'));
  const killed = new BudgetError('takes more than 5 steps', '--call-steps');
  notePlace(killed, 'bag.lua:9');
  fail(killed);
  expect(lines).toEqual([
    'scripts/bag.lua:14: bag:put failed for bag:put:k: attempt to index a nil value',
    'scripts/lib/money.lua:3: bag:put failed for bag:put:k: no such currency',
    'scripts/bag.lua:9: bag:put failed for bag:put:k: takes more than 5 steps; --call-steps sets the limit',
  ]);
});

test('a string that is longer than V8 allows is logged with that limit', () => {
  const { lines, fail } = makeLog();
  fail(new RangeError('Invalid string length'));
  expect(lines[0]).toMatch(/failed for bag:put:k: Invalid string length; a string has at most \d+ characters$/);
});

test.each<[string, Partial<BudgetLimits>, (budget: Budget) => void]>([
  ['--call-steps', { steps: 10 }, (budget) => budget.charge(100_000)],
  ['--call-bytes', { bytes: 10 }, (budget) => budget.chargeBytes(11)],
])(
  'the log names %s for a call that exceeds it, and the place however deep the budget is charged',
  (option, limits, spend) => {
    const { lines, fail } = makeLog();
    const budget = new Budget({ steps: 1000, bytes: 1000, milliseconds: 1000, ...limits });
    budget.reset();
    const nested = (depth: number): void => (depth === 0 ? spend(budget) : nested(depth - 1));
    try {
      nested(20);
    } catch (thrown) {
      expect(stackOf(thrown as Error).match(/nested/g)).toHaveLength(21);
      fail(thrown as Error);
    }
    expect(lines[0]).toMatch(new RegExp(`; ${option} sets the limit$`));
  },
);

test('another thread reads the last twenty failures, the newest first', () => {
  const { memory, fail } = makeLog();
  for (let call = 0; call < 25; call++) fail(new Error(`number ${call}`));
  const kept = new FailureRing(memory).list();
  expect(kept).toHaveLength(20);
  expect(kept[0]?.line).toMatch(/number 24$/);
  expect(kept[0]?.stack).toMatch(/^Error: number 24/);
  expect(kept[19]?.line).toMatch(/number 5$/);
});

test('a failure with a very long message and stack is truncated to its slot', () => {
  const { memory, fail } = makeLog();
  const error = new Error('x');
  error.stack = 'y'.repeat(100_000);
  fail(error);
  expect(new FailureRing(memory).list()[0]?.stack.length).toBeLessThan(4096);
});

test('the recorded line of a script takes precedence over the stack', () => {
  const error = new Error('x');
  notePlace(error, 'bag.lua:7');
  notePlace(error, 'bag.lua:1');
  expect(placeOf(error, 'scripts/bag.lua')).toBe('scripts/bag.lua:7');
  const other = new Error('x');
  other.stack = 'Error: x\n    at run (plugins/bag.ts:12:3)';
  expect(placeOf(other, 'plugins/bag.ts')).toBe('plugins/bag.ts:12');
});

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const trap = () => {
  throw new Error('trap');
};

test.each<[string, unknown]>([
  ['a proxy', new Proxy({}, { getPrototypeOf: trap, get: trap, has: trap })],
  ['a revoked proxy', revoked],
  ['a proxy of an error', new Proxy(new Error('x'), { get: trap })],
  [
    'an object with a proxy as its prototype',
    Object.create(new Proxy(Error.prototype, { getPrototypeOf: trap, get: trap })),
  ],
  ['an error with a message that throws', Object.defineProperty(new Error('x'), 'message', { get: trap })],
  ['an error with a stack that throws', Object.defineProperty(new Error('x'), 'stack', { get: trap })],
  ['an error with a number as its stack', Object.assign(new Error('x'), { stack: 42 })],
  ['an error with an object as its message', Object.assign(new Error('x'), { message: {} })],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['nothing', undefined],
  ['null', null],
])('%s that is thrown can be looked at', (_name, thrown) => {
  const { lines, failures } = makeLog();
  const error = tame(thrown);
  expect(error).toBeInstanceOf(Error);
  expect(typeof stackOf(error)).toBe('string');
  failures.note(METHOD, error, 'm', () => 'k');
  failures.noteLate('bag', error);
  expect(lines).toHaveLength(2);
});

test('log lines of a type are limited per second, and one line counts the rest', () => {
  const lines: string[] = [];
  const clock = { now: 1 };
  let left = 0;
  const typed = new TypeLines(
    (_level, message) => lines.push(message),
    clock,
    () => left++,
  );
  for (let line = 0; line < 1000; line++) typed.write('info', 'a line', 'bag');
  typed.write('info', 'another', 'set');
  expect(lines).toHaveLength(21);
  expect(left).toBe(980);
  typed.flush();
  expect(lines).toHaveLength(21);
  clock.now = 2;
  typed.flush();
  expect(lines.at(-1)).toBe('bag: 980 more lines of this type were left out of the log within a second');
  typed.flush();
  expect(lines).toHaveLength(22);
});
