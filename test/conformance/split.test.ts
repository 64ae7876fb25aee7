// Every command of the recorded conversations cut at each of its bytes, over each wire: the replies are those to the uncut command. Whether
// these are right: recorded/recorded.test.ts.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIFFERENCES } from './recorded/differences.js';
import { type Conversation, loadConversations, type ProtocolName } from './recorded/load.js';
import { play, type Sender } from './recorded/play.js';
import { SERVED } from './recorded/served.js';
import { type Served, WIRES, type WireClient } from './wires.js';

const IS_LONG = process.env.LONG_TESTS !== undefined;
/** All cuts in the middle of long keys and values have the same effect. */
const CUTS_FROM_EACH_END = IS_LONG ? 400 : 40;
/** Requests guess CAS tokens up to this one; the server has counted beyond it, so that no guess is right by chance. */
const GUESSED_TOKENS = 1100;
const PING = Buffer.from('version\r\n');

/** Conversations that leave the server unchanged, so that they can be repeated on one server. */
const REPEATABLE = new Set([
  'text: storage and retrieval',
  'text: counters',
  'text: touch, gat',
  'text: long lines and odd bytes',
  'meta: basics',
  'meta: modes of ms',
  'meta: counters',
  'meta: stale, win, recache',
  'meta: many and quiet',
  'meta: tokens',
  'binary: all opcodes',
  'binary: cas and bad frames',
]);

const PROTOCOLS: readonly ProtocolName[] = ['text', 'meta', 'binary'];
const conversations = PROTOCOLS.filter((name) => SERVED[name])
  .flatMap(loadConversations)
  .filter(({ protocol, name }) => REPEATABLE.has(`${protocol}: ${name}`));

function differencesOf({ protocol, name }: Conversation) {
  return DIFFERENCES.filter(({ conversation }) => conversation === `${protocol}: ${name}`);
}

/** A line of more bytes than this that is not a list of keys must arrive completely: without its end the connection is closed. */
const LONGEST_OPEN_LINE_BYTES = 2048;

function isLongLine(send: Buffer): boolean {
  return send.indexOf('\n') > LONGEST_OPEN_LINE_BYTES && !/^gets? /.test(send.toString('latin1', 0, 5));
}

describe.each(WIRES)('commands cut in pieces, over $name', (wire) => {
  let served: Served;
  let bystander: WireClient;

  beforeAll(async () => {
    served = await wire.serve(['--no-objects']);
    bystander = await served.connect();
    const requests = 'set a 0 0 1\r\nx\r\ngets a\r\n'.repeat(GUESSED_TOKENS);
    await ask(Buffer.from(`${requests}version\r\n`), (reply) => reply.includes('VERSION'));
  });

  afterAll(async () => {
    bystander[Symbol.dispose]();
    await served[Symbol.asyncDispose]();
  });

  /** The server has one thread: once it replies on another connection, it has read everything that was sent before. */
  async function untilRead(): Promise<void> {
    await ask(PING, (reply) => reply.endsWith('\r\n'));
  }

  async function ask(request: Buffer, isEnough: (reply: string) => boolean): Promise<void> {
    bystander.send(request);
    await bystander.take((received) => isEnough(received.toString('latin1')));
  }

  async function playFrom(conversation: Conversation, sender: Sender): Promise<void> {
    await ask(Buffer.from('flush_all\r\n'), (reply) => reply === 'OK\r\n');
    const { got, wanted } = await play(conversation, served, differencesOf(conversation), sender);
    expect(got).toEqual(wanted);
  }

  describe.each(conversations)('$protocol: $name', (conversation) => {
    // The wires differ in how the pieces arrive, not in what is done with them: by default one has all cuts.
    test.runIf(IS_LONG || wire === WIRES[0])('at each byte', async () => {
      for (let at = 1; at <= CUTS_FROM_EACH_END; at++) {
        for (const cut of [at, -at]) {
          await playFrom(conversation, async (client, send) => {
            if (at < send.length && !isLongLine(send)) {
              client.send(send.subarray(0, cut));
              await untilRead();
            }
            client.send(at < send.length && !isLongLine(send) ? send.subarray(cut) : send);
          });
        }
      }
    });

    test('into single bytes', async () => {
      await playFrom(conversation, async (client, send) => {
        const alone = send.subarray(0, CUTS_FROM_EACH_END * 4);
        for (const byte of alone) {
          client.send(Buffer.of(byte));
          await untilRead();
        }
        client.send(send.subarray(alone.length));
      });
    });
  });
});
