// Methods that use up their budget repeatedly: how long they are refused, for which calls, and how the suspension ends.

import { describe, expect, test } from 'vitest';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const spin = (self: { get(key: string): unknown }): never => {
  for (;;) self.get('a');
};

const TYPE = typeOf('t', {
  new: method({ access: 'create', run: () => 'made' }),
  spin: method({ access: 'read', run: spin }),
  other: method({ access: 'read', run: () => 'fine' }),
  /** Takes as long as its data, or the field of its object, specifies. */
  work: method({
    access: 'write',
    parameters: { text: { type: 'string', default: '' } },
    run: (self, { text }) => (text.length > 1000 || self.get('heavy') === true ? spin(self) : 'done'),
  }),
  load: method({
    access: 'write',
    run(self) {
      self.set('heavy', true);
      return 'loaded';
    },
  }),
});

function started(): CallHarness {
  const calls = new CallHarness([TYPE], { budget: { steps: 2000, milliseconds: 10_000 } });
  for (const key of ['k', 'l']) calls.get(`t:new:${key}`);
  return calls;
}

function kill(calls: CallHarness, times: number): void {
  for (let count = 0; count < times; count++) expect(calls.get('t:spin:k')).toContain('takes more than 2000 steps');
}

const refusal = (seconds: number) => `CLIENT_ERROR t:spin: is refused for ${seconds} s: killed three times in a minute`;

describe('a method killed three times in a minute', () => {
  test('is refused for 10 s, then runs again, and both are logged', () => {
    const calls = started();
    kill(calls, 2);
    calls.advance(30);
    kill(calls, 1);
    expect(calls.get('t:spin:l')).toBe(refusal(10));
    expect(calls.get('t:other:k')).toBe('fine');
    calls.advance(7);
    expect(calls.get('t:spin:k')).toBe(refusal(3));
    calls.advance(3);
    kill(calls, 1);
    expect(calls.logged.filter((line) => / refused/.test(line))).toEqual([
      'warn: t:spin is refused for 10 s: killed three times in a minute for using up its budget; save plugins/t.ts, or set cacheismo:allow to t:spin, to end that',
      'info: t:spin is no longer refused: its time is over',
    ]);
  });

  test('is refused for twice as long each further time, up to five minutes, until it has succeeded for five minutes', () => {
    const calls = started();
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
      kill(calls, 3);
      expect(calls.get('t:spin:k')).toBe(refusal(seconds));
      calls.advance(seconds);
    }
    calls.get('t:spin:k');
    calls.advance(301);
    kill(calls, 3);
    expect(calls.get('t:spin:k')).toBe(refusal(10));
  });

  test('runs again when its file is saved', () => {
    const calls = started();
    kill(calls, 3);
    calls.registry.install(typeOf('t', { spin: method({ access: 'read', run: () => 'mended' }) }));
    expect(calls.get('t:spin:k')).toBe('mended');
    calls.calls.invocation.suspensions.tick();
    expect(calls.logged.at(-1)).toBe('info: t:spin is no longer refused: its file has changed');
  });

  test('runs again when it is allowed to, which takes a storage command', () => {
    const calls = started();
    kill(calls, 3);
    expect(calls.get('cacheismo:allow:t:spin')).toBe(
      'CLIENT_ERROR cacheismo:allow: send it as a storage command: set cacheismo:allow 0 0 6',
    );
    expect(calls.get('t:spin:k')).toBe(refusal(10));
    expect(calls.set('cacheismo:allow', 't:spin')).toBe('STORED');
    kill(calls, 1);
    expect(calls.set('cacheismo:allow', 't:none')).toBe('CLIENT_ERROR cacheismo:allow: there is no method t:none');
    expect(calls.logged).toContain('info: t:spin is no longer refused: it was allowed again');
  });

  test('is listed with its kills, and counted', () => {
    const calls = started();
    kill(calls, 3);
    calls.get('t:spin:k');
    expect(calls.get('cacheismo:methods:t')).toMatch(
      /^spin read \(\) calls 4 errors 4 mean .* us kills 3 suspensions 1 refused for 10 s$/m,
    );
    expect(calls.figures('object_kills', 'object_suspensions', 'object_suspended_calls')).toEqual([3, 1, 1]);
  });

  test('is not refused when its kills are more than a minute apart', () => {
    const calls = started();
    for (let count = 0; count < 5; count++) {
      kill(calls, 1);
      calls.advance(31);
    }
    kill(calls, 1);
  });
});

test('a method that large data have killed is refused for large data only', () => {
  const calls = started();
  for (let count = 0; count < 3; count++) {
    expect(calls.set('t:work:k', 'x'.repeat(2000))).toContain('takes more than');
  }
  expect(calls.set('t:work:k', 'x'.repeat(1500))).toBe(
    'CLIENT_ERROR t:work: is refused for 10 s with 1000 bytes of data or more: killed three times in a minute',
  );
  expect(calls.set('t:work:l', 'small')).toBe('STORED');
  expect(calls.get('t:work:k')).toBe('done');
});

test('a method killed on one object that works on others is refused for that object only', () => {
  const calls = started();
  calls.get('t:load:l');
  for (let count = 0; count < 3; count++) {
    expect(calls.get('t:work:l')).toContain('takes more than');
    for (let others = 0; others < 10; others++) expect(calls.get('t:work:k')).toBe('done');
  }
  expect(calls.get('t:work:l')).toBe(
    'CLIENT_ERROR t:work: is refused for 10 s on this object: killed three times in a minute',
  );
  expect(calls.get('t:work:k')).toBe('done');
});
