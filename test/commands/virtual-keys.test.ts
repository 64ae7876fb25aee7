// Where keys that name calls leave the path of ordinary keys, with calls that are made up. Not for objects.

import { describe, expect, test } from 'vitest';
import { CONTINUE } from '../../src/commands/outcome.js';
import { cutList } from '../../src/commands/retrieval.js';
import type { VirtualKeys } from '../../src/commands/virtual-keys.js';
import { ErrorIds } from '../../src/protocol/errors.js';
import { Line } from '../../src/protocol/reply-writer.js';
import { Harness } from './harness.js';

const COLON = 0x3a;
const EXCLAMATION = 0x21;

/** Calls are keys that start with a colon; the result of a call is its key; those that start with `:!` fail. */
function madeUp(bytes: () => Uint8Array): VirtualKeys {
  return {
    isCall: (keyAt) => bytes()[keyAt] === COLON,
    retrieve: (context) => {
      const { request, reply } = context;
      if (bytes()[request.keyAt + 1] === EXCLAMATION) {
        cutList(context);
        reply.error(ErrorIds.nonNumeric);
        return CONTINUE;
      }
      reply.valueHead(request.keyAt, request.keyLength, 0, request.keyLength);
      reply.lineEnd();
      reply.copy(request.keyAt, request.keyLength);
      reply.lineEnd();
      return CONTINUE;
    },
    store: (context) => {
      context.request.end += context.request.valueLength + 2;
      context.answer(Line.exists);
      return CONTINUE;
    },
  };
}

function ask(send: string): string {
  const harness: Harness = new Harness({ virtualKeys: madeUp(() => harness.arena.bytes) });
  return harness.ask(send);
}

describe('virtual keys', () => {
  test('are called by retrievals, alone and in lists', () => {
    expect(ask('set a 0 0 1\r\nx\r\nget :b\r\ngets a :b\r\n')).toBe(
      'STORED\r\nVALUE :b 0 2\r\n:b\r\nEND\r\nVALUE a 0 1 1\r\nx\r\nVALUE :b 0 2\r\n:b\r\nEND\r\n',
    );
  });

  test('that fail replace the whole reply with an error line', () => {
    const failed = 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
    expect(ask('get :!\r\nget :b :! :c\r\nversion\r\n')).toBe(`${failed}${failed}VERSION 1.2.3\r\n`);
  });

  test('are called by storage commands', () => {
    expect(ask('set :b 0 0 1\r\nx\r\nadd :b 0 0 1 noreply\r\nx\r\nget a\r\n')).toBe('EXISTS\r\nEND\r\n');
  });
});
