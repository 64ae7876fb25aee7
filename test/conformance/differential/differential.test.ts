// The same random commands to memcached and to the built server, over each protocol that is served: the replies must be the same, except
// for the differences listed in differences.ts. Runs only if memcached is installed. DIFFERENTIAL_SEED and DIFFERENTIAL_COMMANDS select
// the run.

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { memcachedVersion, startMemcached } from '../memcached.js';
import { SERVED } from '../recorded/served.js';
import { PLAIN_WIRE, WireClient } from '../wires.js';
import { BINARY } from './binary-grammar.js';
import { compare, type Server } from './compare.js';
import { ADJUSTMENTS } from './differences.js';
import type { Grammar } from './grammar.js';
import { META } from './meta-grammar.js';
import { TEXT } from './text-grammar.js';

const GRAMMARS: readonly Grammar[] = [TEXT, META, BINARY];
const COMMANDS = Number(process.env.DIFFERENTIAL_COMMANDS ?? (process.env.LONG_TESTS ? 200_000 : 2000));
const FIRST_SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const TIMEOUT_MS = 60_000 + COMMANDS * 5;

const version = memcachedVersion();
const why = version === undefined ? ' (skipped: memcached is not installed)' : '';

/** DIFFERENTIAL_AGAINST=memcached compares memcached with itself: a difference is then the fault of this test. */
const isAgainstItself = process.env.DIFFERENTIAL_AGAINST === 'memcached';

async function serveMemcached(): Promise<Server & AsyncDisposable> {
  const peer = await startMemcached(['-m', '256']);
  return {
    connect: () => WireClient.on(connect(peer.port, '127.0.0.1')),
    [Symbol.asyncDispose]: async () => peer.stop(),
  };
}

describe.skipIf(version === undefined)(`${COMMANDS} random commands beside memcached ${version ?? ''}${why}`, () => {
  for (const grammar of GRAMMARS) {
    const toCome = SERVED[grammar.protocol] || isAgainstItself ? '' : ' (to come)';
    test.skipIf(toCome !== '')(
      `are answered alike, ${grammar.protocol}${toCome}`,
      { timeout: TIMEOUT_MS },
      async () => {
        await using theirs = await serveMemcached();
        await using ours = await (isAgainstItself ? serveMemcached() : PLAIN_WIRE.serve(['-m', '256', '--no-objects']));
        const adjustments = isAgainstItself ? [] : ADJUSTMENTS;
        const run = { theirs, ours, grammar, adjustments, firstSeed: FIRST_SEED, commands: COMMANDS };
        expect(await compare(run)).toEqual([]);
      },
    );
  }
});
