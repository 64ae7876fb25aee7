// SASL: the requests that a client may send before and after it has logged in. Users and passwords: test/security.

import { describe, expect, test } from 'vitest';
import { Right } from '../../../src/operations/rights.js';
import { Login } from '../../../src/security/authenticator.js';
import { statsOf } from '../text/harness.js';
import { frame, Opcode, readFrames, storageExtras } from './frames.js';
import { BinaryHarness } from './harness.js';

const extras = storageExtras();

function secured(rights: number = Right.read | Right.write | Right.admin): BinaryHarness {
  const begin = (name: string, password: string, onDecided: () => void): Login => {
    const login = new Login(onDecided);
    if (name === 'ann' && password === 'secret') login.accept({ name, rights });
    else login.refuse();
    return login;
  };
  return new BinaryHarness({}, { isForOwnClient: false, begin });
}

function send(harness: BinaryHarness, ...requests: readonly Buffer[]) {
  const client = harness.connectBinary();
  const { replies } = readFrames(client.send(Buffer.concat(requests), 5));
  return { replies: replies.map(({ status, value }) => [status, value]), closes: client.ended !== undefined };
}

const LOGIN = frame(Opcode.saslAuth, { key: 'PLAIN', value: '\0ann\0secret' });
const FAILED = [0x20, 'Auth failure.'];

describe('a client that has to log in', () => {
  test('may request the mechanisms and the version, and is disconnected for anything else', () => {
    const harness = secured();
    expect(send(harness, frame(Opcode.saslList), frame(Opcode.version)).replies).toEqual([
      [0, 'PLAIN'],
      [0, '1.2.3'],
    ]);
    for (const request of [
      frame(Opcode.get, { key: 'a' }),
      frame(Opcode.set, { key: 'a', value: 'x'.repeat(100_000), extras }),
      frame(Opcode.noop),
      frame(Opcode.stat),
      frame(0x77, { key: 'a' }),
      frame(Opcode.get),
    ])
      expect(send(harness, request, frame(Opcode.version))).toEqual({ replies: [FAILED], closes: true });
  });

  test('is served after the right password, and not after a wrong one', () => {
    const harness = secured();
    const set = frame(Opcode.set, { key: 'a', value: 'x', extras });
    expect(send(harness, LOGIN, set).replies).toEqual([
      [0, 'Authenticated'],
      [0, ''],
    ]);
    const wrong = frame(Opcode.saslAuth, { key: 'PLAIN', value: '\0ann\0wrong' });
    expect(send(harness, wrong, set)).toEqual({ replies: [FAILED, FAILED], closes: true });
    expect(send(harness, frame(Opcode.saslAuth, { key: 'OTHER', value: 'x' }), LOGIN).replies).toEqual([
      FAILED,
      [0, 'Authenticated'],
    ]);
    expect(send(harness, frame(Opcode.saslStep, { key: 'PLAIN', value: 'x' }), LOGIN, set).replies).toEqual([
      FAILED,
      [0, 'Authenticated'],
      [0, ''],
    ]);
    expect(statsOf(harness).get('auth_cmds')).toBe('6');
    expect(statsOf(harness).get('auth_errors')).toBe('3');
  });

  test('gets an error for a mechanism with a long name, which counts as no attempt, and may log in afterwards', () => {
    const harness = secured();
    const long = frame(Opcode.saslAuth, { key: 'X'.repeat(33), value: '\0ann\0secret' });
    expect(send(harness, long, LOGIN)).toEqual({
      replies: [
        [4, 'Invalid arguments'],
        [0, 'Authenticated'],
      ],
      closes: false,
    });
    expect(statsOf(harness).get('auth_cmds')).toBe('1');
    expect(statsOf(harness).get('auth_errors')).toBe('0');
  });

  test('cannot make the server buffer much: a long message closes the connection', () => {
    const harness = secured();
    const client = harness.connectBinary();
    const flood = frame(Opcode.saslAuth, { key: 'PLAIN', value: 'x'.repeat(50_000) });
    expect(readFrames(client.send(flood, 100)).replies.map(({ status }) => status)).toEqual([4]);
    expect(client.ended).toBeDefined();
    expect(client.longestRestBytes).toBeLessThan(2400);
  });

  test('with limited rights gets an error for what it may not do, and stays connected', () => {
    const harness = secured(Right.read);
    const set = frame(Opcode.set, { key: 'a', value: 'x'.repeat(5000), extras });
    expect(send(harness, LOGIN, set, frame(Opcode.flush), frame(Opcode.noop))).toEqual({
      replies: [[0, 'Authenticated'], FAILED, FAILED, [0, '']],
      closes: false,
    });
  });
});
