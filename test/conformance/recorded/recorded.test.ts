// The recorded conversations with memcached 1.6.45, played to the built server: the replies must be the same, except for the rows of
// differences.ts.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_WIRE } from '../wires.js';
import { DIFFERENCES, REASONS } from './differences.js';
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

  for (const conversation of all) {
    const { protocol, name, flags } = conversation;
    const title = `${protocol}: ${name}`;
    const toCome = isServed(conversation) ? '' : ` (to come: ${flags.includes('-Y') ? 'authentication' : protocol})`;
    test.skipIf(toCome !== '')(`${title}${toCome}`, { concurrent: true }, async () => {
      const ours = flags.map((flag) => (flag === AUTHENTICATION ? join(folder, 'users') : flag));
      const clock = conversation.steps.some(({ waitSeconds }) => waitSeconds > 0) ? ['--debug-commands'] : [];
      await using served = await PLAIN_WIRE.serve(['--no-objects', ...ours, ...clock]);
      const differences = DIFFERENCES.filter((row) => row.conversation === title);
      const { got, wanted } = await play(conversation, served, differences);
      expect(got).toEqual(wanted);
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
