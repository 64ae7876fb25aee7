// The reply to each request of the binary protocol, in this process. Malformed frames: bad-frames.test.ts. Objects: objects.test.ts.

import { describe, expect, test } from 'vitest';
import { statsOf } from '../text/harness.js';
import { frame, numberExtras, Opcode, type OpcodeName, storageExtras, uint32 } from './frames.js';
import { BinaryHarness } from './harness.js';

const NO_EXPIRY = 0xffff_ffff;
const extras = storageExtras();

function statuses(harness: BinaryHarness, ...requests: readonly Buffer[]): readonly number[] {
  return harness.all(Buffer.concat(requests)).map(({ status }) => status);
}

function set(harness: BinaryHarness, key: string, value: string, flags = 0, exptime = 0): bigint {
  return harness.one('set', { key, value, extras: storageExtras(flags, exptime) }).cas;
}

describe('get', () => {
  test('returns flags, value and the token from the reply to the set', () => {
    const harness = new BinaryHarness();
    const cas = set(harness, 'a', 'xyz', 5);
    expect(cas).toBeGreaterThan(0n);
    const reply = harness.one('get', { key: 'a', opaque: 0xdeadbeef });
    expect(reply).toEqual({
      opcode: Opcode.get,
      status: 0,
      opaque: 0xdeadbeef,
      cas,
      extras: uint32(5),
      key: '',
      value: 'xyz',
    });
  });

  test('as getk returns the key too, even on a miss', () => {
    const harness = new BinaryHarness();
    set(harness, 'a', 'xyz');
    expect(harness.one('getk', { key: 'a' })).toMatchObject({ key: 'a', value: 'xyz', status: 0 });
    expect(harness.one('getk', { key: 'b' })).toMatchObject({ key: 'b', value: '', status: 1 });
    expect(harness.one('get', { key: 'b' })).toMatchObject({ key: '', value: 'Not found', status: 1 });
  });

  test('in its quiet form is silent on a miss, and in order with the requests after it', () => {
    const harness = new BinaryHarness();
    set(harness, 'b', 'here');
    const replies = harness.all(
      Buffer.concat([
        frame(Opcode.getq, { key: 'a', opaque: 1 }),
        frame(Opcode.getkq, { key: 'b', opaque: 2 }),
        frame(Opcode.gatkq, { key: 'c', extras: uint32(9), opaque: 3 }),
        frame(Opcode.getq, { key: 'b', opaque: 4 }),
        frame(Opcode.noop, { opaque: 5 }),
      ]),
    );
    expect(replies.map(({ opaque, key, value }) => [opaque, key, value])).toEqual([
      [2, 'b', 'here'],
      [4, '', 'here'],
      [5, '', ''],
    ]);
  });

  test('gives an item that a text client has set a token, which stays until the item changes', () => {
    const harness = new BinaryHarness();
    harness.ask('set a 7 0 3\r\nabc\r\n');
    const { cas, extras: flags } = harness.one('get', { key: 'a' });
    expect(flags).toEqual(uint32(7));
    expect(cas).toBeGreaterThan(0n);
    expect(harness.one('get', { key: 'a' }).cas).toBe(cas);
    expect(harness.ask('gets a\r\n')).toBe(`VALUE a 7 3 ${cas}\r\nabc\r\nEND\r\n`);
    harness.ask('append a 0 0 1\r\nd\r\n');
    expect(harness.one('get', { key: 'a' }).cas).not.toBe(cas);
  });

  test('without CAS tokens (-C) returns 0 for them', () => {
    const harness = new BinaryHarness({ casEnabled: false });
    expect(set(harness, 'a', 'x')).toBe(0n);
    expect(harness.one('get', { key: 'a' })).toMatchObject({ cas: 0n, value: 'x' });
    expect(harness.one('set', { key: 'a', value: 'y', extras, cas: 99n }).status).toBe(0);
  });

  test('stores keys and values of any bytes', () => {
    const harness = new BinaryHarness();
    for (const key of ['\0', ' ', '\r\n', '\xff\x80', '__proto__', 'k'.repeat(250)]) {
      set(harness, key, `value of ${key}`);
      expect(harness.one('getk', { key })).toMatchObject({ key, value: `value of ${key}` });
    }
  });
});

describe('storage', () => {
  test('by add, replace, append and prepend depends on an existing value', () => {
    const harness = new BinaryHarness();
    const request = (name: OpcodeName) => frame(Opcode[name], { key: 'a', value: name, extras });
    const join = (name: OpcodeName) => frame(Opcode[name], { key: 'a', value: name });
    expect(statuses(harness, request('replace'), join('append'), join('prepend'))).toEqual([1, 5, 5]);
    expect(statuses(harness, request('add'), request('add'), request('replace'))).toEqual([0, 2, 0]);
    expect(statuses(harness, join('append'), join('prepend'))).toEqual([0, 0]);
    expect(harness.one('get', { key: 'a' }).value).toBe('prependreplaceappend');
  });

  test('in quiet forms replies only to failures', () => {
    const harness = new BinaryHarness();
    const replies = harness.all(
      Buffer.concat([
        frame(Opcode.setq, { key: 'a', value: '1', extras }),
        frame(Opcode.addq, { key: 'a', value: '2', extras, opaque: 7 }),
        frame(Opcode.replaceq, { key: 'b', value: '3', extras, opaque: 8 }),
        frame(Opcode.appendq, { key: 'a', value: '4' }),
        frame(Opcode.prependq, { key: 'b', value: '5', opaque: 9 }),
        frame(Opcode.noop),
      ]),
    );
    expect(replies.map(({ opaque, status, value }) => [opaque, status, value])).toEqual([
      [7, 2, 'Data exists for key.'],
      [8, 1, 'Not found'],
      [9, 5, 'Not stored.'],
      [0, 0, ''],
    ]);
    expect(harness.one('get', { key: 'a' }).value).toBe('14');
  });

  test('with a token succeeds if the item has it', () => {
    const harness = new BinaryHarness();
    const first = set(harness, 'a', 'one');
    const request = (cas: bigint, name: OpcodeName = 'set') =>
      harness.one(name, { key: 'a', value: 'two', cas, extras: name === 'append' ? Buffer.alloc(0) : extras });
    expect(request(first + 100n).status).toBe(2);
    const second = request(first);
    expect(second.status).toBe(0);
    expect(second.cas).not.toBe(first);
    expect(request(first).status).toBe(2);
    expect(request(first, 'append').status).toBe(2);
    expect(request(second.cas, 'append').status).toBe(0);
    expect(harness.one('set', { key: 'none', value: 'x', cas: 1n, extras }).status).toBe(1);
    expect(harness.one('append', { key: 'none', value: 'x', cas: 1n }).status).toBe(5);
  });

  test('preserves tokens, flags and numbers that use all their bits', () => {
    const harness = new BinaryHarness();
    set(harness, 'a', 'x', 0xffff_ffff);
    expect(harness.one('get', { key: 'a' }).extras).toEqual(uint32(0xffff_ffff));
    const cas = 2n ** 64n - 1n;
    expect(harness.one('set', { key: 'a', value: 'y', extras, cas }).status).toBe(2);
    const token = harness.one('get', { key: 'a' }).cas;
    expect(harness.one('set', { key: 'a', value: 'y', extras, cas: token + 2n ** 53n }).status).toBe(2);
  });

  test('of a value that is too large discards it and removes the old one', () => {
    const harness = new BinaryHarness({ itemLimitBytes: 10_000 });
    for (const length of [9990, 20_000, 200_000]) {
      set(harness, 'a', 'old');
      const requests = [frame(Opcode.set, { key: 'a', value: 'x'.repeat(length), extras }), frame(Opcode.noop)];
      const replies = harness.all(Buffer.concat(requests), 1000);
      expect(replies.map(({ status, value }) => [status, value])).toEqual([
        [3, 'Too large.'],
        [0, ''],
      ]);
      expect(harness.one('get', { key: 'a' }).status).toBe(1);
    }
  });

  test('that would make a value too large by appending leaves it unchanged', () => {
    const harness = new BinaryHarness({ itemLimitBytes: 10_000 });
    set(harness, 'a', 'x'.repeat(6000));
    expect(harness.one('append', { key: 'a', value: 'y'.repeat(6000) })).toMatchObject({
      status: 5,
      value: 'Not stored.',
    });
    expect(harness.one('get', { key: 'a' }).value).toBe('x'.repeat(6000));
  });

  test('without memory fails with its own status', () => {
    const harness = new BinaryHarness({ evictionsAllowed: false, limitBytes: 1024 * 1024 });
    const replies = Array.from({ length: 40 }, (_, index) =>
      harness.one('set', { key: `k${index}`, value: 'x'.repeat(60_000), extras }),
    );
    expect(replies.at(-1)).toMatchObject({ status: 0x82, value: 'Out of memory allocating item' });
    expect(harness.one('get', { key: 'k0' }).value).toHaveLength(60_000);
  });
});

describe('numbers', () => {
  test('are made with the initial value, unless the expiry forbids it', () => {
    const harness = new BinaryHarness();
    expect(harness.one('increment', { key: 'n', extras: numberExtras(1n, 10n, NO_EXPIRY) }).status).toBe(1);
    const made = harness.one('increment', { key: 'n', extras: numberExtras(1n, 10n, 60) });
    expect(made.value).toBe('\0\0\0\0\0\0\0\x0a');
    expect(made.cas).toBeGreaterThan(0n);
    expect(harness.one('increment', { key: 'n', extras: numberExtras(5n) }).value).toBe('\0\0\0\0\0\0\0\x0f');
    expect(harness.one('decrement', { key: 'n', extras: numberExtras(100n) }).value).toBe('\0'.repeat(8));
    expect(harness.ask('get n\r\n')).toBe('VALUE n 0 2\r\n0 \r\nEND\r\n');
    harness.clock.advance(61);
    expect(harness.one('get', { key: 'n' }).status).toBe(1);
  });

  test('have 64 bits and wrap', () => {
    const harness = new BinaryHarness();
    harness.one('increment', { key: 'n', extras: numberExtras(0n, 2n ** 64n - 1n) });
    expect(harness.one('get', { key: 'n' }).value).toBe('18446744073709551615');
    expect(harness.one('increment', { key: 'n', extras: numberExtras(2n) }).value).toBe('\0\0\0\0\0\0\0\x01');
  });

  test('are compared with the token, and refused if the value is text', () => {
    const harness = new BinaryHarness();
    const cas = set(harness, 'n', '7');
    expect(harness.one('increment', { key: 'n', extras: numberExtras(1n), cas: cas + 1n }).status).toBe(2);
    expect(harness.one('increment', { key: 'n', extras: numberExtras(1n), cas }).status).toBe(0);
    set(harness, 'n', 'text');
    expect(harness.one('decrement', { key: 'n', extras: numberExtras(1n) })).toMatchObject({
      status: 6,
      value: 'Non-numeric server-side value for incr or decr',
    });
  });

  test('are changed without a reply by quiet forms', () => {
    const harness = new BinaryHarness();
    set(harness, 'n', '7');
    expect(harness.all(frame(Opcode.incrementq, { key: 'n', extras: numberExtras(3n) }))).toEqual([]);
    expect(harness.all(frame(Opcode.decrementq, { key: 'n', extras: numberExtras(1n) }))).toEqual([]);
    expect(harness.one('get', { key: 'n' }).value).toBe('9 ');
  });

  test('count a miss only if none is created', () => {
    const harness = new BinaryHarness();
    harness.one('increment', { key: 'a', extras: numberExtras(1n, 1n, NO_EXPIRY) });
    harness.one('decrement', { key: 'b', extras: numberExtras(1n, 1n) });
    expect(statsOf(harness).get('incr_misses')).toBe('1');
    expect(statsOf(harness).get('decr_misses')).toBe('0');
  });
});

describe('items', () => {
  test('are deleted, with a token only if they have it', () => {
    const harness = new BinaryHarness();
    const cas = set(harness, 'a', 'x');
    expect(harness.one('delete', { key: 'a', cas: cas + 1n })).toMatchObject({ status: 2 });
    expect(harness.one('delete', { key: 'a', cas })).toMatchObject({ status: 0, value: '' });
    expect(harness.one('delete', { key: 'a' })).toMatchObject({ status: 1, value: 'Not found' });
    set(harness, 'a', 'x');
    expect(harness.all(frame(Opcode.deleteq, { key: 'a' }))).toEqual([]);
    expect(harness.one('deleteq', { key: 'a' }).status).toBe(1);
  });

  test('get a new expiry by touch and gat, which return the flags', () => {
    const harness = new BinaryHarness();
    const cas = set(harness, 'a', 'x', 9);
    expect(harness.one('touch', { key: 'a', extras: uint32(10) })).toMatchObject({ extras: uint32(9), value: '', cas });
    harness.clock.advance(9);
    expect(harness.one('gat', { key: 'a', extras: uint32(10) })).toMatchObject({ extras: uint32(9), value: 'x', cas });
    harness.clock.advance(9);
    expect(harness.one('gatk', { key: 'a', extras: uint32(10) })).toMatchObject({ key: 'a', value: 'x' });
    harness.clock.advance(11);
    expect(harness.one('touch', { key: 'a', extras: uint32(10) }).status).toBe(1);
    expect(harness.one('gat', { key: 'a', extras: uint32(10) }).status).toBe(1);
    expect(harness.all(frame(Opcode.gatq, { key: 'a', extras: uint32(10) }))).toEqual([]);
    expect(statsOf(harness).get('cmd_touch')).toBe('6');
  });

  test('expire at the time that their set gives', () => {
    const harness = new BinaryHarness();
    set(harness, 'a', 'x', 0, 10);
    harness.clock.advance(9);
    expect(harness.one('get', { key: 'a' }).status).toBe(0);
    harness.clock.advance(2);
    expect(harness.one('get', { key: 'a' }).status).toBe(1);
  });

  test('do not expire when the highest bit of the expiry is set, since it is unsigned', () => {
    const harness = new BinaryHarness();
    for (const exptime of [2 ** 31, 0xffff_fffe, 0xffff_ffff]) {
      set(harness, 'a', 'x', 0, exptime);
      expect(harness.one('get', { key: 'a' }).status).toBe(0);
    }
    set(harness, 'a', 'x', 0, 2_592_001);
    expect(harness.one('get', { key: 'a' }).status).toBe(1);
  });
});

describe('the server', () => {
  test('replies to version and noop', () => {
    const harness = new BinaryHarness();
    expect(harness.one('version').value).toBe('1.2.3');
    expect(harness.one('noop', { opaque: 3 })).toMatchObject({ status: 0, opaque: 3, value: '' });
  });

  test('flushes immediately or later, if that is allowed', () => {
    const harness = new BinaryHarness();
    set(harness, 'a', 'x');
    expect(harness.all(frame(Opcode.flushq))).toEqual([]);
    expect(harness.one('get', { key: 'a' }).status).toBe(1);
    set(harness, 'a', 'x');
    expect(harness.one('flush', { extras: uint32(10) }).status).toBe(0);
    expect(harness.one('get', { key: 'a' }).status).toBe(0);
    harness.clock.advance(11);
    expect(harness.one('get', { key: 'a' }).status).toBe(1);
    expect(new BinaryHarness({ flushEnabled: false }).one('flush')).toMatchObject({
      status: 0x20,
      value: 'Auth failure.',
    });
  });

  test('closes the connection by quit, with a reply unless it is quiet', () => {
    for (const [name, replies] of [
      ['quit', 1],
      ['quitq', 0],
    ] as const) {
      const harness = new BinaryHarness();
      const client = harness.connectBinary();
      expect(client.send(Buffer.concat([frame(Opcode[name]), frame(Opcode.noop)]))).toHaveLength(24 * replies);
      expect(client.ended).toBeDefined();
    }
  });

  test('lists statistics as frames of name and value, with an empty one at the end', () => {
    const harness = new BinaryHarness();
    set(harness, 'a', 'x');
    const rows = harness.all(frame(Opcode.stat, { opaque: 8 }));
    expect(rows.every(({ opaque, opcode, status }) => opaque === 8 && opcode === Opcode.stat && status === 0)).toBe(
      true,
    );
    expect(rows.at(-1)).toMatchObject({ key: '', value: '' });
    const names = new Map(rows.map(({ key, value }) => [key, value]));
    expect(names.get('cmd_set')).toBe('1');
    expect(names.get('curr_items')).toBe('1');
    expect([...names.keys()].filter((name) => name !== '')).toEqual([...statsOf(harness).keys()]);
    expect(harness.all(frame(Opcode.stat, { key: 'items' })).map(({ key }) => key)).toContain('items:1:number');
    expect(harness.one('stat', { key: 'bogus' })).toMatchObject({ status: 1, value: 'Not found' });
    expect(harness.one('stat', { key: 'reset' })).toMatchObject({ status: 0, key: '' });
    expect(statsOf(harness).get('cmd_set')).toBe('0');
  });

  test('counts by key prefix as the text protocol does', () => {
    const harness = new BinaryHarness();
    expect(harness.one('stat', { key: 'detail on' })).toMatchObject({ status: 0, key: '', value: '' });
    set(harness, 'p\xff:a', 'x');
    const [row, end] = harness.all(frame(Opcode.stat, { key: 'detail dump' }));
    expect(row).toMatchObject({ status: 0, key: 'detailed', value: 'PREFIX p\xff get 0 hit 0 set 1 del 0\r\nEND\r\n' });
    expect(end).toMatchObject({ status: 0, key: '', value: '' });
    harness.one('stat', { key: 'reset' });
    expect(harness.all(frame(Opcode.stat, { key: 'detail dump' }))[0]?.value).toBe('END\r\n');
    expect(harness.one('stat', { key: 'detail off' })).toMatchObject({ status: 0 });
    for (const key of ['detail', 'detail x']) expect(harness.one('stat', { key })).toMatchObject({ status: 1 });
    const closed = new BinaryHarness({ dumpEnabled: false });
    expect(closed.one('stat', { key: 'detail dump' })).toMatchObject({ key: '' });
    expect(closed.one('stat', { key: 'detail dump' }).status).not.toBe(0);
  });

  test('a setting of any letters is sent as UTF-8 by both protocols', () => {
    const harness = new BinaryHarness({ settings: () => [['scripts', 'stückliste/日本']] });
    const utf8 = Buffer.from('stückliste/日本').toString('latin1');
    expect(harness.all(frame(Opcode.stat, { key: 'settings' }))[0]).toMatchObject({ key: 'scripts', value: utf8 });
    expect(harness.ask('stats settings\r\n')).toBe(`STAT scripts ${utf8}\r\nEND\r\n`);
  });

  test('sends statistics that do not fit the output window in pieces', () => {
    const harness = new BinaryHarness({ outputBytes: 4096 });
    const topics = Array.from({ length: 5 }, (_, opaque) => frame(Opcode.stat, { opaque }));
    const replies = harness.all(Buffer.concat([...topics, frame(Opcode.noop)]));
    const ends = replies.filter(({ key }) => key === '').map(({ opaque }) => opaque);
    expect(ends).toEqual([0, 1, 2, 3, 4, 0]);
    expect(replies.at(-1)?.opcode).toBe(Opcode.noop);
    expect(harness.longestOutputBytes).toBeLessThanOrEqual(4096);
  });
});
