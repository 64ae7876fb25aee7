// The recorded conversations with memcached 1.6.45, played to the built server: the replies must be the same, except for the rows of
// differences.ts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_WIRE, type Served, TLS_WIRE, type Wire } from '../wires.js';
import { DIFFERENCES, type Difference, REASONS } from './differences.js';
import { type Conversation, loadConversations, loadStatistics, type ProtocolName } from './load.js';
import { play } from './play.js';
import { SERVED } from './served.js';

const PROTOCOLS: readonly ProtocolName[] = ['text', 'meta', 'binary'];
const AUTHENTICATION = '{user:pass}';
/** The number of recorded conversations, so that a broken loader that finds nothing does not pass. */
const CONVERSATIONS = 29;
const EXCHANGES = 513;

const all = PROTOCOLS.flatMap(loadConversations);

function isServed({ protocol, flags }: Conversation): boolean {
  return SERVED[protocol] && (SERVED.asciiAuthentication || !flags.includes('-Y'));
}

/** The recorded server has no certificates to reload. */
const OVER_TLS: readonly Difference[] = [
  { conversation: 'text: server commands', send: 'refresh_certs\\r\\n', ours: 'OK\\r\\n' },
];

/** This conversation sends the first token of a server as a guess, so it is played before the others. */
const GUESSES_TOKENS = 'cas';

/** Removes what the conversation before has left. */
async function flush(served: Served): Promise<void> {
  using client = await served.connect();
  client.send(Buffer.from('flush_all\r\nstats detail off\r\nverbosity 0\r\n'));
  await client.take((received) => received.toString() === 'OK\r\nOK\r\nOK\r\n');
}

describe('recorded from memcached 1.6.45', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'recorded-'));
    writeFileSync(join(folder, 'users'), 'user:pass\n', { mode: 0o600 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('all conversations are read', () => {
    expect(all).toHaveLength(CONVERSATIONS);
    expect(all.flatMap(({ steps }) => steps)).toHaveLength(EXCHANGES);
  });

  /** The flags of our server for a conversation. */
  function flagsFor({ flags, steps }: Conversation): readonly string[] {
    const clock = steps.some(({ waitSeconds }) => waitSeconds > 0) ? ['--debug-commands'] : [];
    return ['--no-objects', ...flags, ...clock];
  }

  async function expectReplies(
    conversation: Conversation,
    served: Served,
    more: readonly Difference[] = [],
  ): Promise<void> {
    const title = `${conversation.protocol}: ${conversation.name}`;
    const differences = [...more, ...DIFFERENCES].filter((row) => row.conversation === title);
    const { got, wanted } = await play(conversation, served, differences);
    expect(got).toEqual(wanted);
  }

  function serve(wire: Wire, flags: readonly string[]): Promise<Served> {
    return wire.serve(flags.map((flag) => (flag === AUTHENTICATION ? join(folder, 'users') : flag)));
  }

  for (const conversation of all) {
    const { protocol, name, flags } = conversation;
    const title = `${protocol}: ${name}`;
    const toCome = isServed(conversation) ? '' : ` (to come: ${flags.includes('-Y') ? 'authentication' : protocol})`;
    test.skipIf(toCome !== '')(`${title}${toCome}`, { concurrent: true }, async () => {
      await using served = await serve(PLAIN_WIRE, flagsFor(conversation));
      await expectReplies(conversation, served);
    });
  }

  // One server for all with the same flags, since a start takes longer than all conversations together.
  for (const flags of new Set(all.map((conversation) => flagsFor(conversation).join(' ')))) {
    test(`over TLS: the conversations with ${flags}`, { concurrent: true }, async () => {
      const conversations = all
        .filter((conversation) => flagsFor(conversation).join(' ') === flags)
        .sort((one, other) => Number(other.name === GUESSES_TOKENS) - Number(one.name === GUESSES_TOKENS));
      await using served = await serve(TLS_WIRE, flags.split(' '));
      for (const conversation of conversations) {
        if (conversation !== conversations[0]) await flush(served);
        await expectReplies(conversation, served, OVER_TLS);
      }
    });
  }

  test('each difference belongs to a recorded request', () => {
    const sent = new Set(all.flatMap((one) => one.steps.map((step) => `${one.protocol}: ${one.name} ${step.written}`)));
    expect(DIFFERENCES.filter(({ conversation, send }) => !sent.has(`${conversation} ${send}`))).toEqual([]);
    expect(REASONS.filter(({ why, differences }) => why === '' || differences.length === 0)).toEqual([]);
  });

  test('statistics are read', () => {
    expect([...loadStatistics()].map(([name, fields]) => [name, fields.size])).toEqual([
      ['stats', 93],
      ['settings', 66],
      ['items', 28],
      ['slabs', 17],
      ['conns', 7],
      ['sizes', 1],
      ['stats, started with -o no_lru_crawler,no_lru_maintainer', 84],
    ]);
  });
});
