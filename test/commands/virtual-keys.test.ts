// Where keys that name calls leave the path of ordinary keys, with calls that are made up. Not for objects.

import { describe, expect, test } from 'vitest';
import type { VirtualKeys } from '../../src/operations/virtual-keys.js';
import { ErrorIds } from '../../src/protocols/error-lines.js';
import { CONTINUE } from '../../src/protocols/run.js';
import { Line } from '../../src/protocols/text/reply-encoder.js';
import { cutList } from '../../src/protocols/text/retrieval.js';
import { Mode } from '../../src/protocols/text/text-session.js';
import { Harness } from './harness.js';

const COLON = 0x3a;
const EXCLAMATION = 0x21;

/** Calls are keys that start with a colon; the result of a call is its key; those that start with `:!` fail. */
function madeUp({ arena: { bytes } }: Harness): VirtualKeys {
  return {
    beginTurn: () => {},
    isCall: (keyAt) => bytes[keyAt] === COLON,
    retrieve: (context) => {
      const { request, reply, session } = context;
      const isListed = session.mode === Mode.keys;
      if (bytes[request.keyAt + 1] === EXCLAMATION) {
        if (isListed) cutList(context);
        reply.error(ErrorIds.nonNumeric);
        return CONTINUE;
      }
      reply.valueHead(request.keyAt, request.keyLength, 0, request.keyLength);
      reply.lineEnd();
      reply.copy(request.keyAt, request.keyLength);
      reply.lineEnd();
      if (!isListed) context.answerEnd();
      return CONTINUE;
    },
    store: (context) => {
      context.answer(Line.exists);
      return CONTINUE;
    },
    storeReserved: (context, reserved) => {
      context.store.release(reserved);
      context.answer(Line.exists);
      return CONTINUE;
    },
    retrieveObject: () => CONTINUE,
    touchObject: () => true,
  };
}

function ask(send: string, pieceBytes?: number): string {
  return new Harness({ virtualKeys: madeUp }).ask(send, pieceBytes);
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

  test('are called by storage commands, whatever the size of the block', () => {
    expect(ask('set :b 0 0 1\r\nx\r\nadd :b 0 0 1 noreply\r\nx\r\nget a\r\n')).toBe('EXISTS\r\nEND\r\n');
    expect(ask(`set :b 0 0 5000\r\n${'x'.repeat(5000)}\r\n`, 1000)).toBe('EXISTS\r\n');
  });

  test('are not called when the block is not as long as it was said to be', () => {
    const bad = 'CLIENT_ERROR bad data chunk\r\n';
    expect(ask('set :b 0 0 1\r\nxyz')).toBe(bad);
    expect(ask(`set :b 0 0 5000\r\n${'x'.repeat(5000)}yz`, 1000)).toBe(bad);
  });
});
