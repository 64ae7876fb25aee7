// Plain items and listings over a real store, as scripts in the original's style and `cacheismo:keys` see them.

import { expect, test } from 'vitest';
import type { InvocationContext } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../call-harness.js';
import { originalType, typeOf } from '../types-for-tests.js';

const set = typeOf('set', {
  new: method({
    access: 'create',
    run(self) {
      self.set('a', 1);
      return 'CREATED';
    },
  }),
});

/** A call whose result is that of `act`. */
function harness(act: (call: InvocationContext, argument: string) => string): CallHarness {
  const old = originalType('old', {
    go(_self, args, call) {
      call.reply.text(act(call, args.string(0)));
      return undefined;
    },
  });
  return new CallHarness([set, old], { arenaBytes: 1024 * 1024 });
}

function listed(calls: CallHarness, prefix: string): string[] {
  const seen = new Set<string>();
  for (let call = `cacheismo:keys:${prefix}`; call !== ''; ) {
    const lines = calls.get(call).split('\r\n');
    const last = lines.pop() as string;
    for (const line of lines) seen.add(line);
    call = last.startsWith('more ') ? last.slice('more '.length) : '';
  }
  return [...seen].sort();
}

test('a list of keys by prefix has objects and plain items, but no flushed or expired ones', () => {
  const calls = harness(() => '');
  const keys = [...Array(3000).keys()].map((number) => `set$${number}`).sort();
  for (const key of keys.slice(0, 100)) calls.get(`set:new:${key.slice(4)}`);
  for (const key of keys.slice(100)) calls.putPlain(key, 'value');
  calls.putPlain('other', 'value');
  expect(listed(calls, 'set$')).toEqual(keys);
  expect(listed(calls, 'other')).toEqual(['other']);
  calls.get('set:new:short', 10);
  expect(listed(calls, 'set$s')).toEqual(['set$short']);
  calls.advance(10);
  expect(listed(calls, 'set$s')).toEqual([]);
  calls.store.flushAll();
  expect(listed(calls, '')).toEqual([]);
});

test('a script can read, put and delete items, and read objects as JSON', () => {
  const calls = harness((call, key) => {
    const item = call.items.get(key);
    if (item === undefined) return 'nothing';
    call.items.put({ key: 'copy', clientFlags: 7, expiresAtUnix: 0, bytes: item.bytes });
    call.items.delete(key);
    return Buffer.from(item.bytes).toString('latin1');
  });
  const long = 'long '.repeat(5000);
  calls.putPlain('plain', long);
  calls.get('set:new:k');
  expect(calls.get('old:go:k:plain')).toBe(long);
  expect(calls.get('old:go:k:plain')).toBe('nothing');
  expect(calls.get('old:go:k:copy')).toBe(long);
  expect(calls.get('old:go:k:set$k')).toBe('{"a":1}');
  expect(calls.get('old:go:k:set$k')).toBe('nothing');
  expect(calls.get('old:go:k:copy')).toBe('{"a":1}');
});

test('a script can evict the least recently used items', () => {
  const calls = harness((call, argument) => {
    if (argument !== '') call.items.deleteLeastRecentlyUsed(Number(argument));
    return call.items.keysWithPrefix('k').sort().join(' ');
  });
  for (const key of ['k1', 'k2', 'k3', 'k4']) calls.putPlain(key, 'x'.repeat(1000));
  expect(calls.get('old:go:k:1500')).toBe('k1 k2 k3 k4');
  expect(calls.get('old:go:k::')).toBe('k3 k4');
});

test('an item reads as the last change in the call has made it', () => {
  const calls = harness((call) => {
    const item = (text: string) => ({ key: 'k', clientFlags: 0, expiresAtUnix: 0, bytes: Buffer.from(text) });
    const seen: string[] = [];
    for (let change = 0; change < 100; change++) {
      if (change % 3 === 0) call.items.delete('k');
      else call.items.put(item(String(change)));
      seen.push(Buffer.from(call.items.get('k')?.bytes ?? []).toString());
    }
    call.items.put(item('last'));
    return seen.slice(-4).join(' ');
  });
  expect(calls.get('old:go:k')).toBe(' 97 98 ');
  expect(listed(calls, 'k')).toEqual(['k']);
});

test('one call evicts only as many items as its time allows', () => {
  const calls = harness((call) => {
    call.items.deleteLeastRecentlyUsed(1e12);
    return '';
  });
  for (let number = 0; number < 12_000; number++) calls.putPlain(`k${number}`, 'x');
  calls.get('old:go:k');
  expect(listed(calls, 'k')).toHaveLength(2000);
});
