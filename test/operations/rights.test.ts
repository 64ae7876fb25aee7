// The permissions of clients with limited rights: commands by the table's rights, methods by their access or by name.

import { describe, expect, test } from 'vitest';
import { ANYBODY } from '../../src/operations/rights.js';
import { DEFAULT_ROLE, parseRole, principalOf, type Role } from '../../src/security/role.js';
import { frame, Opcode, readFrames, storageExtras } from '../protocols/binary/frames.js';
import { BinaryHarness } from '../protocols/binary/harness.js';
import { TEST_TYPES } from '../protocols/binary/types.js';
import { objectKeys } from './object-harness.js';

const REFUSED = 'CLIENT_ERROR not permitted\r\n';
const AUTH_FAILURE = 0x20;
const INVALID = 0x04;

function roleOf(text: string): Role {
  const role = parseRole(text);
  if (role === undefined) throw new Error(`no role: ${text}`);
  return role;
}

/** A server with an item `a` and an object `bag$b`, and a client with this role. */
function clientWith(role: string) {
  const harness = new BinaryHarness({ virtualKeys: objectKeys(TEST_TYPES) });
  const setUp = 'set a 0 0 1\r\nx\r\nget bag:new:b\r\nget bag:put:b:n:1\r\n';
  expect(harness.ask(setUp)).toContain('STORED');
  const principal = principalOf('ann', roleOf(role));
  const client = harness.connect();
  client.session.principal = principal;
  const binary = harness.connectBinary();
  binary.session.principal = principal;
  const statuses = (...frames: readonly Buffer[]) =>
    readFrames(binary.send(Buffer.concat(frames))).replies.map(({ status }) => status);
  return { harness, ask: (requests: string, pieceBytes?: number) => client.send(requests, pieceBytes), statuses };
}

function value(key: string, text: string): string {
  return `VALUE ${key} 0 ${text.length}\r\n${text}\r\n`;
}

describe('a role', () => {
  test('is a right, a list of types and methods, or both', () => {
    expect(roleOf('read')).toEqual({ rights: 1, calls: [] });
    expect(roleOf('write')).toEqual({ rights: 3, calls: [] });
    expect(roleOf('admin')).toEqual(DEFAULT_ROLE);
    expect(roleOf('set.*,quota.addandcheck')).toEqual({ rights: 8, calls: ['set.*', 'quota.addandcheck'] });
    expect(roleOf('read,set.put')).toEqual({ rights: 9, calls: ['set.put'] });
    expect(principalOf('x', DEFAULT_ROLE).rights).toBe(ANYBODY.rights);
  });

  test.each(['', 'root', 'read,', ',', 'READ', 'set', 'set.', '.put', 'set.*.x', 'set:put', 'constructor', 'toString'])(
    'is not %j',
    (text) => {
      expect(parseRole(text)).toBeUndefined();
    },
  );
});

describe('a client that may read', () => {
  test('reads items, objects, statistics and calls methods that read', () => {
    const { ask } = clientWith('read');
    expect(ask('get a\r\ngets a\r\nversion\r\n')).toMatch(
      /^VALUE a 0 1\r\nx\r\nEND\r\nVALUE a 0 1 \d+\r\nx\r\nEND\r\nVERSION/,
    );
    expect(ask('get bag:get:b:n\r\nget a bag:get:b:n\r\nget bag$b\r\n')).toBe(
      `${value('bag:get:b:n', '1')}END\r\n${value('a', 'x')}${value('bag:get:b:n', '1')}END\r\n${value('bag$b', '{"n":"1"}')}END\r\n`,
    );
    expect(ask('stats\r\n')).toContain('STAT pid');
    expect(ask('get cacheismo:types\r\n')).toContain('bag typescript');
  });

  test('is refused everything that changes anything, by every command', () => {
    const { ask, harness } = clientWith('read');
    for (const request of [
      'set a 0 0 1\r\ny\r\n',
      'append a 0 0 1\r\ny\r\n',
      'incr a 1\r\n',
      'delete a\r\n',
      'touch a 1\r\n',
      'gat 1 a\r\n',
      'gats 1 a bag:get:b:n\r\n',
      'get bag:put:b:n:2\r\n',
      'get a bag:put:b:n:2\r\n',
      'gat 0 bag:put:b:n:2\r\n',
      'set bag:put:b:n 0 0 1\r\n2\r\n',
      'get bag:new:other\r\n',
      'get old:say:x\r\n',
      'delete bag$b\r\n',
      'flush_all\r\n',
      'stats reset\r\n',
      'stats detail on\r\n',
      'verbosity 1\r\n',
      'lru_crawler metadump all\r\n',
      'set cacheismo:allow:bag 0 0 3\r\nput\r\n',
    ])
      expect([request, ask(request)]).toEqual([request, REFUSED]);
    expect(harness.ask('get a\r\nget bag:get:b:n\r\n')).toBe(
      `${value('a', 'x')}END\r\n${value('bag:get:b:n', '1')}END\r\n`,
    );
  });

  test('calls a method that reads by any command that calls', () => {
    const { ask } = clientWith('read');
    expect(ask('gat 0 bag:get:b:n\r\nset bag:get:b 0 0 1\r\nn\r\n')).toBe(
      `${value('bag:get:b:n', '1')}END\r\nSTORED\r\n`,
    );
  });

  test('gets the blocks of refused values discarded, including large ones', () => {
    const { ask } = clientWith('read');
    const large = 'delete a\r\n'.repeat(5000);
    expect(ask(`set c 0 0 ${large.length}\r\n${large}\r\nset c 0 0 2\r\nxy\r\nget c\r\n`, 1000)).toBe(
      `${REFUSED}${REFUSED}END\r\n`,
    );
    const fields = 'x'.repeat(5000);
    expect(ask(`set bag:put:b:n 0 0 ${fields.length}\r\n${fields}\r\nget bag:get:b:n\r\n`, 1000)).toBe(
      `${REFUSED}${value('bag:get:b:n', '1')}END\r\n`,
    );
  });

  test('has the same rights by meta commands', () => {
    const { ask } = clientWith('read');
    expect(ask('mg a v\r\nmg bag:get:b:n v\r\nms bag:get:b 1 v\r\nn\r\nmn\r\n')).toBe(
      'VA 1\r\nx\r\nVA 1\r\n1\r\nVA 1\r\n1\r\nMN\r\n',
    );
    for (const request of [
      'ms a 1\r\ny\r\n',
      'ms a 1 MA\r\ny\r\n',
      'mg a v T30\r\n',
      'mg nothing v N30\r\n',
      'md a\r\n',
      'md a I\r\n',
      'ma a\r\n',
      'mg bag:put:b:n:2 v\r\n',
      'ms bag:put:b:n 1\r\n2\r\n',
    ])
      expect([request, ask(request)]).toEqual([request, REFUSED]);
    expect(ask(`ms a 5000\r\n${'mg a v\r\n'.repeat(625)}\r\nmg a v\r\nmg bag:get:b:n v\r\n`, 1000)).toBe(
      `${REFUSED}VA 1\r\nx\r\nVA 1\r\n1\r\n`,
    );
  });

  test('has the same rights in the binary protocol', () => {
    const { statuses } = clientWith('read');
    const key = 'bag:get:b:n';
    expect(statuses(frame(Opcode.get, { key: 'a' }), frame(Opcode.get, { key }), frame(Opcode.noop))).toEqual([
      0, 0, 0,
    ]);
    const extras = storageExtras();
    expect(
      statuses(
        frame(Opcode.set, { key: 'a', value: 'y', extras }),
        frame(Opcode.delete, { key: 'a' }),
        frame(Opcode.flush),
        frame(Opcode.stat, { key: 'reset' }),
        frame(Opcode.get, { key: 'bag:put:b:n:2' }),
        frame(Opcode.set, { key: 'bag:put:b:n', value: '2', extras }),
        frame(Opcode.set, { key: 'bag:get:b', value: 'n', extras }),
        frame(Opcode.version),
      ),
    ).toEqual([AUTH_FAILURE, AUTH_FAILURE, AUTH_FAILURE, AUTH_FAILURE, INVALID, INVALID, 0, 0]);
  });
});

describe('a client that may write', () => {
  test('changes items and objects, and does not administer the server', () => {
    const { ask } = clientWith('write');
    expect(ask('set a 0 0 1\r\ny\r\ngat 0 a\r\nget bag:put:b:n:2\r\nget bag:new:other\r\n')).toBe(
      `STORED\r\n${value('a', 'y')}END\r\n${value('bag:put:b:n:2', '2')}END\r\n${value('bag:new:other', 'CREATED')}END\r\n`,
    );
    for (const request of [
      'flush_all\r\n',
      'verbosity 1\r\n',
      'shutdown\r\n',
      'set cacheismo:allow:bag 0 0 3\r\nput\r\n',
    ])
      expect(ask(request)).toBe(REFUSED);
  });
});

describe('a client that may call some methods', () => {
  test('calls these, whatever their access, and nothing else', () => {
    const { ask } = clientWith('bag.put,old.*');
    expect(ask('get bag:put:b:n:2\r\nget old:say:k:x bag:put:b:n:3\r\nset bag:put:b:n 0 0 1\r\n4\r\n')).toBe(
      `${value('bag:put:b:n:2', '2')}END\r\n${value('old:say:k:x', 'get x')}${value('bag:put:b:n:3', '3')}END\r\nSTORED\r\n`,
    );
    for (const request of [
      'get a\r\n',
      'get bag$b\r\n',
      'get bag:get:b:n\r\n',
      'get a bag:put:b:n:4\r\n',
      'gets a\r\n',
      'stats\r\n',
    ])
      expect([request, ask(request)]).toEqual([request, REFUSED]);
    expect(ask('set a 0 0 1\r\ny\r\ndelete a\r\nversion\r\n')).toMatch(/^(CLIENT_ERROR not permitted\r\n){2}VERSION/);
  });

  test('may send a large argument, which is not stored as a value if its type is removed meanwhile', () => {
    const { ask } = clientWith('bag.put');
    const text = 'x'.repeat(5000);
    expect(ask(`set bag:put:b:n 0 0 ${text.length}\r\n${text}\r\n`, 1000)).toBe('STORED\r\n');
  });

  test('may also read, if its role includes that', () => {
    const { ask } = clientWith('read,bag.put');
    expect(ask('get a bag:put:b:n:2 bag:get:b:n\r\n')).toBe(
      `${value('a', 'x')}${value('bag:put:b:n:2', '2')}${value('bag:get:b:n', '2')}END\r\n`,
    );
    expect(ask('get bag:new:c\r\nset a 0 0 1\r\ny\r\n')).toBe(`${REFUSED}${REFUSED}`);
  });

  test('has the same rights by meta commands', () => {
    const { ask } = clientWith('bag.put');
    expect(ask('mg bag:put:b:n:2 v\r\nms bag:put:b:n 1 v\r\n3\r\nmn\r\n')).toBe('VA 1\r\n2\r\nVA 1\r\n3\r\nMN\r\n');
    for (const request of ['mg a v\r\n', 'mg bag:get:b:n v\r\n', 'me a\r\n', 'ms a 1\r\ny\r\n', 'md a\r\n'])
      expect([request, ask(request)]).toEqual([request, REFUSED]);
  });

  test('has the same rights in the binary protocol', () => {
    const { statuses } = clientWith('bag.put');
    const extras = storageExtras();
    expect(
      statuses(
        frame(Opcode.get, { key: 'bag:put:b:n:2' }),
        frame(Opcode.set, { key: 'bag:put:b:n', value: '2', extras }),
        frame(Opcode.get, { key: 'bag:get:b:n' }),
        frame(Opcode.get, { key: 'a' }),
        frame(Opcode.stat),
        frame(Opcode.noop),
      ),
    ).toEqual([0, 0, INVALID, AUTH_FAILURE, AUTH_FAILURE, 0]);
  });
});
