// Meta commands: flags and their order, large values, marks of stale items, objects and methods. memcached's replies to the same commands:
// test/conformance/recorded.

import { describe, expect, test } from 'vitest';
import { method } from '../../../src/objects/types/object-type.js';
import { typeOf } from '../../objects/types-for-tests.js';
import { objectKeys } from '../../operations/object-harness.js';
import { Harness } from '../text/harness.js';

const LARGE = 'x'.repeat(5000);

const set = typeOf('set', {
  new: method({ access: 'create', run: () => 'true' }),
  put: method({
    access: 'write',
    parameters: { member: { type: 'string' } },
    run(self, { member }) {
      self.set(member, true);
      return 'true';
    },
  }),
  length: method({
    access: 'read',
    parameters: { text: { type: 'string' } },
    run: (_self, { text }) => text.length,
  }),
  count: method({ access: 'read', run: (self) => self.count }),
});

function ask(send: string, pieceBytes?: number): string {
  return new Harness({ virtualKeys: objectKeys([set]) }).ask(send, pieceBytes);
}

describe('mg', () => {
  test('shows the flags in the requested order', () => {
    const shown = ask('ms foo 4 F1\r\nabcd\r\nmg foo s v f t O9 k h\r\n');
    expect(shown).toBe('HD\r\nVA 4 s4 f1 t-1 O9 kfoo h0\r\nabcd\r\n');
  });

  test('sends a value that is larger than the output window in parts', () => {
    const value = 'y'.repeat(600_000);
    expect(ask(`ms big 600000\r\n${value}\r\nmg big v k\r\nmn\r\n`)).toBe(`HD\r\nVA 600000 kbig\r\n${value}\r\nMN\r\n`);
  });

  test('with u leaves the item where it is in the LRU list, and unfetched', () => {
    expect(ask('ms a 1\r\nx\r\nmg a u\r\nmg a h\r\nmg a h\r\n')).toBe('HD\r\nHD\r\nHD h0\r\nHD h1\r\n');
  });

  test('shows by l the seconds since the last read, up to 18 hours', () => {
    const harness = new Harness();
    harness.ask('ms a 1\r\nx\r\n');
    for (const seconds of [0, 1, 2, 3, 65_000]) {
      harness.clock.advance(seconds);
      expect(harness.ask('mg a u l\r\nmg a\r\n')).toBe(`HD l${seconds}\r\nHD\r\n`);
    }
  });

  test.each([
    ['c', 'HD l100 c1'],
    ['T50 u', 'HD l100'],
    ['T50 u c', 'HD l100 c1'],
    ['', 'HD l100'],
  ])('shows by l when the item was last read, whatever else it does to it: %s', (flags, shown) => {
    const harness = new Harness();
    harness.ask('ms a 1\r\nx\r\nms b 1\r\ny\r\n');
    harness.clock.advance(100);
    expect(harness.ask(`mg a l ${flags}\r\n`)).toBe(`${shown}\r\n`);
    expect(harness.ask('mg a l\r\n')).toBe(flags.includes('u') ? 'HD l100\r\n' : 'HD l0\r\n');
  });

  test('with T and u leaves the item where it is in the LRU list', () => {
    const harness = new Harness();
    harness.ask('ms a 1 T60\r\nx\r\nms b 1 T60\r\ny\r\nmg a T90 u\r\n');
    expect(harness.ask('stats cachedump 1 1\r\n')).toContain('ITEM b ');
    harness.ask('mg a T90\r\n');
    expect(harness.ask('stats cachedump 1 1\r\n')).toContain('ITEM a ');
  });

  test('with C sends no value to a client that has it, and all that the other flags ask for', () => {
    expect(ask('ms a 1 E77\r\nx\r\nmg a C77 v c\r\nmg a C76 v c\r\n')).toBe('HD\r\nHD c77\r\nVA 1 c77\r\nx\r\n');
    expect(ask('ms a 1\r\nx\r\nmd a I E7\r\nmg a C7 v s q k\r\nmg b N30 E8 C8 v t\r\n')).toBe(
      'HD\r\nHD\r\nHD s1 ka X W\r\nHD t30 W\r\n',
    );
  });

  test('with R lets one client renew a value that expires soon', () => {
    expect(ask('ms a 1 T20\r\nx\r\nmg a R30\r\nmg a R30\r\nmg a R10\r\n')).toBe('HD\r\nHD W\r\nHD Z\r\nHD Z\r\n');
  });

  test('with N and E makes an item with that token', () => {
    expect(ask('mg a N30 E555 c t\r\nmg a c\r\n')).toBe('HD c555 t30 W\r\nHD c555 Z\r\n');
  });

  test('keeps the marks of an item that is laid out again for its first token or its first expiry', () => {
    expect(ask('ms a 1\r\nx\r\nmd a I\r\nmg a\r\nmg a c\r\nmg a T60 t\r\n')).toBe(
      'HD\r\nHD\r\nHD X W\r\nHD c1 Z X\r\nHD t60 Z X\r\n',
    );
  });
});

describe('ms', () => {
  test.each([1, 7, 2048, 65536])('receives a large value in pieces of %i bytes and shows its flags', (pieceBytes) => {
    expect(
      ask(`ms YQ== 5000 b k O1 c s q F5\r\n${LARGE}\r\nms a 5000 O2 k\r\n${LARGE}\r\nmg a s f\r\n`, pieceBytes),
    ).toBe('HD O2 ka\r\nHD s5000 f0\r\n');
    expect(ask(`ms YQ== 5000 b k O1 s\r\n${LARGE}\r\n`, pieceBytes)).toBe('HD kYQ== b O1 s5000\r\n');
  });

  test.each(['k', 'q', 'c', 's', 'v'])(
    'receives a large value without writing beyond its output, however long the flag %s is',
    (flag) => {
      const harness = new Harness({ outputBytes: 2048 });
      const { arena, engine } = harness;
      const end = engine.output.at + engine.output.size;
      arena.bytes.fill(0xee, end, end + 65_536);
      const reply = harness.ask(`ms a 5000 ${flag.repeat(1900)} O1\r\n${LARGE}\r\nmg a s\r\n`, 1000);
      expect(reply).toMatch(/^(?:HD(?: ka| c1| s5000)? O1\r\n)?HD s5000\r\n$/);
      expect(arena.bytes.subarray(end, end + 65_536).every((byte) => byte === 0xee)).toBe(true);
    },
  );

  test('refuses a large value with a wrong end and keeps the old one', () => {
    expect(ask(`ms a 1\r\nx\r\nms a 5000 q\r\n${LARGE}zz\r\nmg a v\r\n`, 2000)).toBe(
      'HD\r\nCLIENT_ERROR bad data chunk\r\nCLIENT_ERROR bad command line format\r\nVA 1\r\nx\r\n',
    );
  });

  test('discards the block of a line with a wrong flag, whatever the block is', () => {
    expect(ask('ms a 11 !\r\nflush_all\r\n\r\nms a 1 MZ\r\nx\r\nms a 1 MSS\r\nx\r\nmn\r\n')).toBe(
      'CLIENT_ERROR bad command line format\r\nCLIENT_ERROR invalid mode for ms M token\r\n' +
        'CLIENT_ERROR incorrect length for M token\r\nMN\r\n',
    );
  });

  test('removes the old value when the new one is too large', () => {
    const reply = ask(`ms a 1\r\nx\r\nms a 2000000 k\r\n${'z'.repeat(2_000_000)}\r\nmg a v\r\n`);
    expect(reply).toBe('HD\r\nSERVER_ERROR object too large for cache\r\nEN\r\n');
  });
});

describe('objects', () => {
  test('mg calls the method that a key names', () => {
    expect(ask('mg set:new:k v\r\nmg set:put:k:a v k O7\r\nmg set:count:k v s t\r\n')).toBe(
      'VA 4\r\ntrue\r\nVA 4 kset:put:k:a O7\r\ntrue\r\nVA 1 s1 t-1\r\n1\r\n',
    );
  });

  test('ms calls it with the value as last argument, and replies with the result if v requests it', () => {
    const reply = ask(
      'mg set:new:k q\r\nms set:put:k 1 v\r\na\r\nms set:put:k 1 q\r\nb\r\nms set:put:k 1\r\nc\r\nmg set:count:k v\r\n',
    );
    expect(reply).toContain('VA 1\r\n3\r\n');
    expect(reply.startsWith('HD\r\nVA 4\r\n')).toBe(true);
  });

  test('ms calls it with a large value that arrives in pieces', () => {
    const reply = ask(`mg set:new:k\r\nms set:length:k 5000 v k\r\n${LARGE}\r\nmn\r\n`, 1000);
    expect(reply).toBe('HD\r\nVA 4 kset:length:k\r\n5000\r\nMN\r\n');
  });

  test('a key in base64 may name a method', () => {
    const key = Buffer.from('set:new:k').toString('base64');
    expect(ask(`mg ${key} b v k\r\nmg set$k v\r\n`)).toMatch(new RegExp(`^VA \\d+ k${key} b\\r\\n`));
  });

  test('an object is read as JSON, which is not made if only its expiry is requested', () => {
    expect(ask('mg set:new:k q\r\nmg set$k t\r\nmg set$k T50 t\r\nmg set$k v t\r\n')).toMatch(
      /HD t-1\r\nHD t50\r\nVA \d+ t50\r\n\{.*\}\r\n$/,
    );
  });

  test('a failing method replies with its error line, quiet or not', () => {
    expect(ask('mg set:put v q\r\nmn\r\n')).toMatch(/^CLIENT_ERROR .*\r\nMN\r\n$/);
  });
});

describe('md and ma', () => {
  test('md with x puts an empty item in the place of the old one, with the expiry of T and the flags of F', () => {
    const send = (flags: string) => `ms a 1 F5 T60\r\nx\r\nmd a I\r\nmd a x${flags}\r\nmg a v f t h\r\n`;
    expect(ask(send(''))).toBe('HD\r\nHD\r\nHD\r\nVA 0 f0 t-1 h0\r\n\r\n');
    expect(ask(send(' T30 F7'))).toBe('HD\r\nHD\r\nHD\r\nVA 0 f7 t30 h0\r\n\r\n');
    expect(ask(send(' I'))).toBe('HD\r\nHD\r\nHD\r\nVA 0 f0 t-1 h0 X W\r\n\r\n');
  });

  test('ma counts in both directions, and makes an item with N', () => {
    expect(ask('ma n N60 J5 v t\r\nma n D3 v\r\nma n MD D100 v\r\nma n q\r\nma zz q\r\n')).toBe(
      'VA 1 t60\r\n5\r\nVA 1\r\n8\r\nVA 1\r\n0\r\nNF\r\n',
    );
  });

  test('me describes an item', () => {
    expect(ask('ms a 1 T60\r\nx\r\nme a\r\nme b\r\n')).toMatch(
      /^HD\r\nME a exp=60 la=0 cas=\d+ fetch=no cls=1 size=\d+\r\nEN\r\n$/,
    );
  });
});

describe('flags take effect in their order, as in memcached', () => {
  test('t shows the expiry that the flags before it have made', () => {
    const send =
      'ms a 1 T100\r\nx\r\nmg a t T50\r\nmg a t\r\nmg b T50 t N30\r\nmg b t\r\nmg c t N30\r\nma n t N30 T60 v\r\nmg n t\r\n';
    expect(ask(send)).toBe(
      'HD\r\nHD t100\r\nHD t50\r\nHD t50 W\r\nHD t30 Z\r\nHD t-1 W\r\nVA 1 t-1\r\n0\r\nHD t60\r\n',
    );
  });

  test('R looks at the expiry before or after T', () => {
    const send = 'ms a 1 T20\r\nx\r\nmg a R30 T100\r\nms b 1 T20\r\nx\r\nmg b T100 R30\r\n';
    expect(ask(send)).toBe('HD\r\nHD W\r\nHD\r\nHD\r\n');
  });

  test('an object shows the expiry that T gives it', () => {
    expect(ask('mg set:new:k q\r\nmg set$k T50 t s\r\n')).toMatch(/HD t50 s\d+\r\n$/);
  });
});

describe('tokens', () => {
  test('add compares none; replace without an item is NF, append NS', () => {
    const send = ['E', 'R', 'A'].map((mode, index) => `ms k${index} 1 M${mode} C5\r\nx\r\n`).join('');
    expect(ask(send)).toBe('HD\r\nNF\r\nNS\r\n');
  });

  test('append still knows its mode when a large value has arrived in pieces', () => {
    expect(ask(`ms a 5000 MA C5\r\n${LARGE}\r\n`, 1000)).toBe('NS\r\n');
  });

  test('0 means no token for append and ma, and matches no item for set', () => {
    expect(ask('ms a 2\r\n10\r\nms a 1 C0\r\nx\r\nms a 1 MA C0\r\n0\r\nma a C0 v\r\n')).toBe(
      'HD\r\nEX\r\nHD\r\nVA 3\r\n101\r\n',
    );
  });
});

test('h shows whether a client has read the value: counting, a failed add and T with u do not read it, N does', () => {
  const asked = (send: string) => ask(`ms a 2\r\n10\r\n${send}mg a h\r\n`).split('\r\n').at(-2);
  expect(asked('ma a\r\n')).toBe('HD h0');
  expect(asked('incr a 1\r\n')).toBe('HD h0');
  expect(asked('ms a 1 ME\r\nx\r\n')).toBe('HD h0');
  expect(asked('mg a T50 u\r\n')).toBe('HD h0');
  expect(asked('md a\r\nmg a N30\r\n')).toBe('HD h1 Z');
  expect(asked('md a\r\nmg a N30 u\r\n')).toBe('HD h0 Z');
});

test('an expiry is read as in the text protocol: of 64 bits the lowest 32 count', () => {
  expect(ask('ms a 1 T4294967296\r\nx\r\nmg a t\r\nms a 1 T4294967295\r\nx\r\nmg a t\r\n')).toBe(
    'HD\r\nHD t-1\r\nHD\r\nEN\r\n',
  );
});

test('me takes b as its first flag only, and no other flag', () => {
  const harness = new Harness();
  harness.ask('ms YQ== 1 b\r\nx\r\n');
  const shown = (line: string) => harness.ask(`${line}\r\n`).replace(/ exp=.*/, '');
  expect(['me a', 'me YQ== b', 'me a Tx b', 'me a zz', 'me YQ== b b v'].map(shown)).toEqual(
    ['a', 'YQ==', 'a', 'a', 'YQ=='].map((key) => `ME ${key}\r\n`),
  );
  expect(['me YQ==', 'me YQ== v b'].map(shown)).toEqual(['EN\r\n', 'EN\r\n']);
  expect(['me a b', 'me a b v', 'me'].map(shown)).toEqual(Array(3).fill('CLIENT_ERROR bad command line format\r\n'));
});

test('ma q hides a success, a value too, and that an item was made', () => {
  expect(ask('ma n N0 q\r\nma n q v\r\nma n v\r\nma m N0 q v\r\nmn\r\n')).toBe('VA 1\r\n2\r\nMN\r\n');
});

describe('of several things that are wrong with a line', () => {
  const shown = (line: string) => ask(`${line}\r\n`).slice('CLIENT_ERROR '.length, -2);

  test.each([
    ['mg a Tx v v', 'duplicate flag'],
    ['mg a Tx z', 'invalid flag'],
    ['mg a v v Tx', 'duplicate flag'],
    ['mg a Dx Jx Tx', 'bad token in command line format'],
    ['mg a Tx Jx', 'invalid numeric initial value'],
    ['mg a Tx Fx', 'bad token in command line format'],
    ['mg a Fx Tx', 'bad token in command line format'],
    ['mg !!! b Tx', 'bad token in command line format'],
    ['mg !!! Tx b', 'error decoding key'],
    [`mg a O${'1'.repeat(40)} v v`, 'duplicate flag'],
    [`mg a O${'1'.repeat(40)} Tx`, 'bad token in command line format'],
    [`ms a 0 MZ O${'1'.repeat(40)}`, 'invalid mode for ms M token'],
    [`ma a O${'1'.repeat(40)}`, 'opaque token too long'],
    [`ma a O${'1'.repeat(40)} MZ`, 'invalid mode for ma M token'],
    [`ma a O${'1'.repeat(40)} Tx`, 'invalid or duplicate flag'],
    ['ma !!! b MZ', 'invalid or duplicate flag'],
  ])('memcached names the same one: %s', (line, error) => {
    expect(shown(line)).toBe(error);
  });
});

test('numbers may have a plus sign before them, as in the text protocol', () => {
  const send = 'ms a +1 F+5 T+60\r\nx\r\nmg a f t\r\nms n 2 E+77\r\n10\r\nma n C+77 D+5 v\r\nma m N+0 J+8 v\r\n';
  expect(ask(send)).toBe('HD\r\nHD f5 t60\r\nHD\r\nVA 2\r\n15\r\nVA 1\r\n8\r\n');
  expect(ask('mg a T+-1\r\nmg a T++1\r\n')).toBe('CLIENT_ERROR bad token in command line format\r\n'.repeat(2));
});

test('of client flags the lowest 32 bits count, as in the text protocol', () => {
  expect(ask('ms a 1 F4294967301\r\nx\r\nmg a f\r\nms a 1 F18446744073709551616\r\nx\r\n')).toBe(
    'HD\r\nHD f5\r\nCLIENT_ERROR bad command line format\r\n',
  );
});

test('R is read like an expiry: a date of the past renews nothing', () => {
  const send = ['2592000', '2592001', '-1', '0'].map((seconds) => `mg a R${seconds}\r\n`).join('');
  expect(ask(`ms a 1 T100\r\nx\r\n${send}`)).toBe('HD\r\nHD W\r\nHD Z\r\nHD Z\r\nHD Z\r\n');
  expect(ask('ms a 1 T100\r\nx\r\nmg a R2592001\r\nmg a R-1\r\n')).toBe('HD\r\nHD\r\nHD\r\n');
});

test('a tab does not end a command word', () => {
  expect(ask('mg\ta v\r\nmn\r\n')).toBe('ERROR\r\nMN\r\n');
});

test('an empty block after a wrong flag is discarded', () => {
  expect(ask('ms a 0 !\r\n\r\nmn\r\n')).toBe('CLIENT_ERROR bad command line format\r\nMN\r\n');
});

test('every meta command, cut at any byte, gives the same replies', () => {
  const send = 'ms a 3 c k O1\r\nabc\r\nmg a v f s t k\r\nma n N0 J3 v\r\nmd a q\r\nmg a q\r\nme n\r\nmn\r\n';
  const whole = ask(send);
  for (let pieceBytes = 1; pieceBytes < 40; pieceBytes++) expect(ask(send, pieceBytes)).toBe(whole);
});
