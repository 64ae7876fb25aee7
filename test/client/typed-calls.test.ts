// The types of calls that `cacheismo/client` makes of declarations. What is expected of them is checked by the compiler: checks.test.ts.

import { expectTypeOf, test } from 'vitest';
import type gcra from '../../plugins/gcra.js';
import type lease from '../../plugins/lease.js';
import type quota from '../../plugins/quota.js';
import type set from '../../plugins/set.js';
import type uniq from '../../plugins/uniq.js';
import { type Calls, connect } from '../../src/client/client.js';
import { defineType, method } from '../../src/objects/types/object-type.js';

type Key = string | Uint8Array;
type Text = Promise<string | undefined>;

const own = defineType<{ left: number }>()({
  name: 'own',
  methods: {
    take: method({
      access: 'write',
      parameters: { count: { type: 'integer' }, note: { type: 'string', default: '' } },
      run(self, { count }) {
        expectTypeOf(self.get('left')).toEqualTypeOf<number | undefined>();
        expectTypeOf(count).toEqualTypeOf<number>();
        return self.add('left', -count);
      },
    }),
    find: method({
      access: 'read',
      parameters: { kind: { type: 'string', enum: ['a', 'b'] }, all: { type: 'boolean', default: false } },
      run: (self, { kind }) => (kind === 'a' ? null : { left: self.get('left') }),
    }),
    isEmpty: method({ access: 'read', run: (self) => self.count === 0 }),
  },
});

test('a call has the arguments of its method by name, those with a default optional', () => {
  type Take = Calls<typeof gcra>['take'];
  expectTypeOf<Parameters<Take>[0]>().toEqualTypeOf<Key>();
  expectTypeOf<{ burst: number; count: bigint; period_ms: number }>().toExtend<Parameters<Take>[1]>();
  expectTypeOf<[Key]>().toExtend<Parameters<Take>>();
  expectTypeOf<[Key, { n: string }]>().not.toExtend<Parameters<Take>>();
  type Acquire = Calls<typeof lease>['acquire'];
  expectTypeOf<[Key, { owner: string; ttl_ms: number }]>().toExtend<Parameters<Acquire>>();
  expectTypeOf<[Key, { owner: string }]>().not.toExtend<Parameters<Acquire>>();
  expectTypeOf<[Key]>().not.toExtend<Parameters<Acquire>>();
  expectTypeOf<Parameters<Calls<typeof set>['putall']>[1]['members']>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<Parameters<Calls<typeof set>['count']>>().toEqualTypeOf<[key: Key]>();
});

test('a call has the text of what its method returns', () => {
  expectTypeOf<Calls<typeof gcra>['take']>().returns.toEqualTypeOf<Text>();
  expectTypeOf<Calls<typeof lease>['acquire']>().returns.toEqualTypeOf<
    Promise<`OK ${number} ${number}` | `HELD ${number} ${number}` | undefined>
  >();
  expectTypeOf<Calls<typeof lease>['release']>().returns.toEqualTypeOf<Promise<'OK' | 'LOST' | undefined>>();
  expectTypeOf<Calls<typeof set>['count']>().returns.toEqualTypeOf<Promise<`${number}` | undefined>>();
  expectTypeOf<Calls<typeof uniq>['add']>().returns.toEqualTypeOf<Promise<'0' | '1' | undefined>>();
  expectTypeOf<Calls<typeof quota>['addandcheck']>().returns.toExtend<Text>();
});

test('a type of the user has typed calls as well, and the methods that every type has', () => {
  type Own = Calls<typeof own>;
  expectTypeOf<Own['take']>().toEqualTypeOf<
    (
      key: Key,
      args: { readonly count: number | bigint } & { readonly note?: string | Uint8Array | undefined },
    ) => Promise<`${number}` | undefined>
  >();
  expectTypeOf<[Key, { kind: 'a' }]>().toExtend<Parameters<Own['find']>>();
  expectTypeOf<[Key, { kind: 'c' }]>().not.toExtend<Parameters<Own['find']>>();
  expectTypeOf<Own['find']>().returns.toEqualTypeOf<Text>();
  expectTypeOf<Own['isEmpty']>().returns.toEqualTypeOf<Promise<'true' | 'false' | undefined>>();
  expectTypeOf<Own['expire']>().returns.toEqualTypeOf<Promise<'OK' | undefined>>();
  expectTypeOf<Own>().not.toHaveProperty('nothing');
});

test('a type without a declaration has any methods, with any arguments', () => {
  const client = connect();
  const calls = client.type('any');
  expectTypeOf(calls.anything).returns.toEqualTypeOf<Text>();
  expectTypeOf<[Key, { a: number; b: string }]>().toExtend<Parameters<typeof calls.anything>>();
  expectTypeOf(client.type<typeof gcra>('gcra')).toEqualTypeOf<Calls<typeof gcra>>();
  client.close();
});
