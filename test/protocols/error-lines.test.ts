// The catalogue of error lines: their form, and a request that causes each.

import { describe, expect, test } from 'vitest';
import { method } from '../../src/objects/types/object-type.js';
import { Right } from '../../src/operations/rights.js';
import { ERROR_LINES, ERROR_TEXTS, ErrorIds, type ErrorName } from '../../src/protocols/error-lines.js';
import { typeOf } from '../objects/types-for-tests.js';
import { objectKeys } from '../operations/object-harness.js';
import { usersOf } from '../security/test-users.js';
import { Harness, type HarnessOptions } from './text/harness.js';

const MIB = 1024 * 1024;

/** Fills the arena, without evictions, until nothing more fits. */
const FULL = Array.from(
  { length: 1200 },
  (_, index) => `set f${index} 0 0 1000 noreply\r\n${'v'.repeat(1000)}\r\n`,
).join('');
const FULL_OF_SMALL = Array.from({ length: 100 }, (_, index) => `set g${index} 0 0 1 noreply\r\n1\r\n`).join('');
const ANY_TYPE = typeOf('any', { new: method({ access: 'create', run: () => 'CREATED' }) });
const WITHOUT_EVICTIONS: HarnessOptions = { limitBytes: MIB, evictionsAllowed: false };

const LOGIN: HarnessOptions = { authenticator: usersOf('ann:secret').authenticator };

/** Readers in the middle of two values that take most of the memory: neither can be copied for another reader that needs a token. */
function readersOfLargeValues(harness: Harness): void {
  const { arena, engine } = harness;
  for (const key of ['a', 'b']) {
    harness.ask(`set ${key} 0 0 900000\r\n${'v'.repeat(900_000)}\r\n`);
    const request = Buffer.from(`get ${key}\r\n`);
    arena.bytes.set(request, engine.input.at);
    engine.run(engine.open(), engine.input.at, engine.input.at + request.length);
  }
}

/** Clients that have not read their dumps yet. */
function readersOfDumps({ arena, engine }: Harness): void {
  for (let count = 0; count < 2; count++) {
    arena.bytes.set(Buffer.from('dump\r\n'), engine.input.at);
    engine.run(engine.open(), engine.input.at, engine.input.at + 'dump\r\n'.length);
  }
}

/** For each error a request that causes it. */
const REQUESTS: Readonly<
  Record<ErrorName, readonly [send: string, options?: HarnessOptions, before?: (harness: Harness) => void]>
> = {
  unknownCommand: ['foo\r\n'],
  badFormat: ['set a x 0 1\r\n'],
  badDataChunk: ['set a 0 0 1\r\nxyz'],
  lineTooLong: ['x'.repeat(2049)],
  invalidDelta: ['incr a x\r\n'],
  invalidExptime: ['touch a x\r\n'],
  nonNumeric: ['set a 0 0 1\r\nx\r\nincr a 1\r\n'],
  notForObjects: ['cas any:new:a 0 0 1 1\r\nx\r\n', { virtualKeys: objectKeys([ANY_TYPE]) }],
  tooLarge: ['set a 0 0 2000000\r\n'],
  outOfMemoryStoring: [`${FULL}set a 0 0 1000\r\n${'v'.repeat(1000)}\r\n`, WITHOUT_EVICTIONS],
  outOfMemoryReading: ['gats 10 b\r\n', { limitBytes: 2 * MIB, outputBytes: 8192 }, readersOfLargeValues],
  outOfMemory: [`${FULL}${FULL_OF_SMALL}incr g1 18446744073709551000\r\n`, WITHOUT_EVICTIONS],
  flushNotAllowed: ['flush_all\r\n', { flushEnabled: false }],
  shutdownNotEnabled: ['shutdown\r\n'],
  invalidShutdownMode: ['shutdown foo\r\n', { shutdownEnabled: true }],
  statsDetailNotAllowed: ['stats detail dump\r\n', { dumpEnabled: false }],
  statsDetailUsage: ['stats detail\r\n'],
  cachedumpNotAllowed: ['stats cachedump 1 1\r\n', { dumpEnabled: false }],
  metadumpNotAllowed: ['lru_crawler metadump all\r\n', { dumpEnabled: false }],
  dumpNotAllowed: ['dump\r\n', { dumpEnabled: false }],
  tooManyDumps: ['dump\r\n', {}, readersOfDumps],
  keyDumpNotAllowed: ['lru_crawler mgdump all\r\n', { dumpEnabled: false }],
  pipelinedMetadump: ['version\r\nlru_crawler metadump all\r\n'],
  pipelinedMgdump: ['version\r\nlru_crawler mgdump all\r\n'],
  badCachedump: ['stats cachedump 1\r\n'],
  illegalSlabClass: ['stats cachedump 64 1\r\n'],
  badClass: ['lru_crawler metadump x\r\n'],
  sameClass: ['slabs reassign 1 1\r\n'],
  badClasses: ['slabs reassign 1 64\r\n'],
  noSparePages: ['slabs reassign 1 2\r\n'],
  lruPercents: ['lru tune 60 60 1 1\r\n'],
  lruFactors: ['lru tune 0 0 0 0\r\n'],
  crawlerDisabled: ['lru_crawler disable\r\nlru_crawler crawl all\r\n'],
  crawlerRuns: ['lru_crawler enable\r\n'],
  crawlerSleeps: ['lru_crawler sleep 1000001\r\n'],
  limitTooSmall: ['cache_memlimit 7\r\n'],
  limitNotInMegabytes: ['cache_memlimit 1073741824\r\n'],
  limitNotAdjusted: ['cache_memlimit 64\r\n'],
  watchNotAllowed: ['watch\r\n', { watchEnabled: false }],
  pipelinedWatch: ['version\r\nwatch\r\n'],
  badToken: ['mg a Tx\r\n'],
  invalidFlag: ['mg a g\r\n'],
  duplicateFlag: ['mg a v v\r\n'],
  invalidOrDuplicateFlag: ['ma a Dx\r\n'],
  tooManyFlags: [`mg a${' v'.repeat(30)}\r\n`],
  opaqueTooLong: [`mg a O${'1'.repeat(33)}\r\n`],
  badBase64Key: ['mg ! b\r\n'],
  invalidInitial: ['mg a Jx\r\n'],
  invalidMetaDelta: ['mg a Dx\r\n'],
  badModeLength: ['ms a 1 MSS\r\nx\r\n'],
  invalidSetMode: ['ms a 1 MZ\r\nx\r\n'],
  invalidArithmeticMode: ['ma a MZ\r\n'],
  unauthenticated: ['get a\r\n', LOGIN],
  authenticationFailure: ['set a 0 0 9\r\nann false\r\n', LOGIN],
  badLoginEnd: ['set a 0 0 3\r\nann secret', LOGIN],
  badLoginToken: ['set a 0 0 3\r\nann\r\n', LOGIN],
  notPermitted: ['set a 0 0 1\r\nx\r\n', { principal: { name: 'reader', rights: Right.read } }],
};

describe('an error line', () => {
  test.each(Object.entries(REQUESTS))('%s is sent for the request that causes it', (name, [send, options, before]) => {
    const harness = new Harness(options);
    before?.(harness);
    const reply = harness.ask(send);
    expect(reply.split('\r\n').at(-2)).toBe(ERROR_TEXTS[name as ErrorName]);
  });

  test.each(Object.entries(ERROR_TEXTS))('%s is one clean line', (name, text) => {
    expect(text).toMatch(
      /^(ERROR|CLIENT_ERROR|SERVER_ERROR|BADCLASS|SAME|NOSPARE|MEMLIMIT_TOO_SMALL|MEMLIMIT_ADJUST_FAILED)\b[\x20-\x7e]*$/,
    );
    const line = ERROR_LINES[ErrorIds[name as ErrorName]];
    expect(Buffer.from(line).toString('latin1')).toBe(`${text}\r\n`);
  });
});
