// Where keys that name calls leave the path of ordinary keys, with fake calls.

import { describe, expect, test } from 'vitest';
import { CallResult } from '../../src/operations/call-outcomes.js';
import type { VirtualKeys } from '../../src/operations/virtual-keys.js';
import { Harness } from '../protocols/text/harness.js';

const COLON = 0x3a;
const EXCLAMATION = 0x21;
const REASON = 'cannot be called';

/** Calls are keys that start with a colon; the result of a call is its key; those that start with `:!` fail. */
function madeUp({ arena: { bytes }, store }: Harness): VirtualKeys {
  let key = Buffer.alloc(0);
  const calls = {
    value: '',
    firstValue: undefined,
    beginTurn: () => {},
    noteUse: () => {},
    resolver: {
      resolve(keyAt: number, keyLength: number): boolean {
        key = Buffer.from(bytes.slice(keyAt, keyAt + keyLength));
        return key[0] === COLON;
      },
    },
    retrieve(): CallResult {
      const fails = key[1] === EXCLAMATION;
      calls.value = fails ? REASON : key.toString('latin1');
      return fails ? CallResult.clientError : CallResult.result;
    },
    store: (): CallResult => CallResult.nothing,
    storeReserved(_command: number, _flags: number, _exptime: number, _isQuiet: boolean, reserved: never): CallResult {
      store.release(reserved);
      return CallResult.nothing;
    },
    content: (): CallResult => CallResult.nothing,
    touch: () => true,
    portable: undefined as never,
    replyText: undefined as never,
    permits: () => true,
    isTurnOver: () => false,
  };
  return calls;
}

function ask(send: string, pieceBytes?: number): string {
  return new Harness({ virtualKeys: madeUp }).ask(send, pieceBytes);
}

describe('virtual keys', () => {
  test('are called by retrievals, single or in lists', () => {
    expect(ask('set a 0 0 1\r\nx\r\nget :b\r\ngets a :b\r\n')).toBe(
      'STORED\r\nVALUE :b 0 2\r\n:b\r\nEND\r\nVALUE a 0 1 1\r\nx\r\nVALUE :b 0 2 0\r\n:b\r\nEND\r\n',
    );
  });

  test('that fail replace the whole reply with an error line', () => {
    const failed = `CLIENT_ERROR ${REASON}\r\n`;
    expect(ask('get :!\r\nget :b :! :c\r\nversion\r\n')).toBe(`${failed}${failed}VERSION 1.2.3\r\n`);
  });

  test('are called by storage commands with blocks of any size', () => {
    expect(ask('set :b 0 0 1\r\nx\r\nadd :b 0 0 1 noreply\r\nx\r\nget a\r\n')).toBe('NOT_STORED\r\nEND\r\n');
    expect(ask(`set :b 0 0 5000\r\n${'x'.repeat(5000)}\r\n`, 1000)).toBe('NOT_STORED\r\n');
  });

  test('are not called when the block does not have the announced length', () => {
    const bad = 'CLIENT_ERROR bad data chunk\r\n';
    expect(ask('set :b 0 0 1\r\nxyz')).toBe(bad);
    expect(ask(`set :b 0 0 5000\r\n${'x'.repeat(5000)}yz`, 1000)).toBe(bad);
  });
});
