// Which keys are virtual, and how their parts become arguments.

import { describe, expect, test } from 'vitest';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness, type HarnessOptions } from '../call-harness.js';
import { typeOf } from '../types-for-tests.js';

const show = (args: Readonly<Record<string, unknown>>) => JSON.stringify(Object.values(args));
const text = { type: 'string' } as const;
const optional = { type: 'string', default: 'none' } as const;

const type = typeOf('t', {
  new: method({ access: 'create', run: () => 'made' }),
  none: method({ access: 'read', run: (_self, _args, call) => call.key }),
  one: method({ access: 'read', parameters: { a: text }, run: (_self, args) => show(args) }),
  two: method({ access: 'read', parameters: { a: text, b: text }, run: (_self, args) => show(args) }),
  count: method({ access: 'read', parameters: { n: { type: 'integer' } }, run: (_self, args) => show(args) }),
  maybe: method({ access: 'read', parameters: { a: text, b: optional }, run: (_self, args) => show(args) }),
});

function harness(options: HarnessOptions = {}): CallHarness {
  const made = new CallHarness([type], options);
  made.get('ns:t:new:k');
  made.get('t:new:k');
  return made;
}

describe('a key', () => {
  test.each(['t:none:k', 't:none', 't:none:', 't:none:k:a:b', 't:none::'])('of the form %j is virtual', (key) => {
    expect(harness().isCall(key)).toBe(true);
  });

  test.each([
    '',
    't',
    't:',
    ':',
    '::',
    't:other:k',
    't:non:k',
    'T:none:k',
    'tt:none:k',
    ' t:none:k',
    't: none:k',
    't$none:k',
    't::none',
  ])('of the form %j is ordinary', (key) => expect(harness().isCall(key)).toBe(false));

  test.each(['constructor:toString:k', '__proto__:none:k', `${'t'.repeat(250)}:none`, 't:constructor:k'])(
    'such as %j is ordinary',
    (key) => expect(harness().isCall(key)).toBe(false),
  );

  test('is never virtual without objects', () => {
    expect(harness({ virtualKeys: { enabled: false } }).isCall('t:none:k')).toBe(false);
  });

  test('is virtual after a prefix that is skipped', () => {
    const skipping = harness({ virtualKeys: { prefixes: ['ns:', ':1:'] } });
    expect(
      ['ns:t:none:k', ':1:t:none:k', 't:none:k', 'ns:ns:t:none:k', ':2:t:none:k'].map((key) => skipping.isCall(key)),
    ).toEqual([true, true, true, false, false]);
    expect(skipping.get('ns:t:none:k')).toBe('k');
  });

  test('is virtual only after a prefix that is required', () => {
    const demanding = harness({ virtualKeys: { prefixes: ['ns:'], prefixRequired: true } });
    expect(['ns:t:none:k', 't:none:k'].map((key) => demanding.isCall(key))).toEqual([true, false]);
  });
});

describe('cached names', () => {
  const answering = (name: string, file: string, word: string) =>
    typeOf(
      name,
      {
        say: method({ access: 'create', run: () => word }),
        saying: method({ access: 'create', run: () => `${word}ing` }),
      },
      file,
    );

  test('are those of the active types', () => {
    const calls = new CallHarness([answering('letters', 'one.ts', 'first')]);
    expect([calls.get('letters:say:k'), calls.get('letters:say:k')]).toEqual(['first', 'first']);
    calls.registry.install(answering('letters', 'one.ts', 'second'));
    expect([calls.get('letters:say:k'), calls.get('letters:say:k')]).toEqual(['second', 'second']);
    calls.registry.remove('one.ts');
    expect(calls.isCall('letters:say:k')).toBe(false);
  });

  test('are distinguished if they start alike', () => {
    const calls = new CallHarness([answering('lettersa', 'a.ts', 'a'), answering('lettersab', 'b.ts', 'b')]);
    for (let round = 0; round < 3; round++) {
      expect(calls.get('lettersa:say:k')).toBe('a');
      expect(calls.get('lettersa:saying:k')).toBe('aing');
      expect(calls.get('lettersab:say:k')).toBe('b');
      expect(calls.isCall('lettersab:sa:k')).toBe(false);
      expect(calls.isCall('lettersab:sayin')).toBe(false);
    }
  });
});

describe('arguments of a virtual key', () => {
  test.each([
    ['t:one:k:a', '["a"]'],
    ['t:one:k::', '[""]'],
    ['t:one:k:a:', '["a"]'],
    ['t:one:k:a::', '["a:"]'],
    ['t:one:k:http://x:1/?a=b', '["http://x:1/?a=b"]'],
    ['t:two:k:a:b', '["a","b"]'],
    ['t:two:k::b', '["","b"]'],
    ['t:two:k:::', '["",""]'],
    ['t:two:k:a:b:c', '["a","b:c"]'],
    ['t:two:k:%3a:%3A%20%41', '[":",": A"]'],
    ['t:one:k:%', '["%"]'],
    ['t:one:k:%4', '["%4"]'],
    ['t:one:k:%g1%4%41', '["%g1%4A"]'],
    ['t:count:k:12', '[12]'],
    ['t:count:k:%31', '[1]'],
    ['t:maybe:k:a', '["a","none"]'],
    ['t:maybe:k:a:b:c', '["a","b:c"]'],
    ['t:maybe:k:a::', '["a",""]'],
    ['t:none:k:', 'k'],
    ['t:one:k', 'CLIENT_ERROR t:one: a is required'],
    ['t:two:k:a', 'CLIENT_ERROR t:two: b is required'],
    ['t:two:k:a:', 'CLIENT_ERROR t:two: b is required'],
    ['t:none:k:a', 'CLIENT_ERROR t:none: takes no more than 0 arguments'],
    ['t:none:k::', 'CLIENT_ERROR t:none: takes no more than 0 arguments'],
    ['t:count:k:1:2', 'CLIENT_ERROR t:count: takes no more than 1 argument'],
    ['t:count:k:1:', '[1]'],
    ['t:none::a', 'CLIENT_ERROR t:none: key is required'],
    ['t:none', 'CLIENT_ERROR t:none: key is required'],
    [`t:count:k${':'.repeat(200)}`, 'CLIENT_ERROR t:count: too many arguments'],
  ])('of %j are %s', (key, answer) => expect(harness().get(key)).toBe(answer));

  test('are decoded at any position of the %', () => {
    const calls = harness();
    for (let before = 0; before < 12; before++) {
      const filling = 'x'.repeat(before);
      expect(calls.get(`t:one:k:${filling}%41`)).toBe(`["${filling}A"]`);
      expect(calls.get(`t:two:k:${filling}:y%42`)).toBe(`["${filling}","yB"]`);
      expect(calls.get(`t:two:k:a:${filling}:b:%43z`)).toBe(`["a","${filling}:b:Cz"]`);
    }
  });

  test('end with the data block of a storage command', () => {
    const seen: string[] = [];
    const noting = typeOf('t', {
      new: method({ access: 'create', run: () => 'made' }),
      two: method({
        access: 'read',
        parameters: { a: text, b: text },
        run(_self, args) {
          seen.push(show(args));
          return null;
        },
      }),
    });
    const storing = new CallHarness([noting]);
    storing.get('t:new:k');
    expect(storing.set('t:two:k:a', 'b:\r\n%41')).toBe('NOT_STORED');
    expect(storing.set('t:two:k:a', '')).toBe('NOT_STORED');
    expect(storing.set('t:two:k:a:b', '')).toBe('NOT_STORED');
    expect(storing.set('t:two:k:a:b', 'c')).toBe('CLIENT_ERROR t:two: takes no more than 2 arguments');
    expect(storing.set('t:two:k', '')).toBe('CLIENT_ERROR t:two: b is required');
    expect(seen).toEqual(['["a","b:\\r\\n%41"]', '["a",""]', '["a","b"]']);
  });
});
