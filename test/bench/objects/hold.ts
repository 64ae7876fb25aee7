// Measures how long the server's thread is held when a set of a million members is deleted, or evicted by plain stores. In this process,
// because from outside a hold looks like a busy machine.

import type { Verdict } from '../host/bars.js';
import { Feeder, type Held } from '../host/feeder.js';
import { OwnStore } from '../host/own-store.js';
import { formatTable } from '../host/table.js';
import { buildRequests } from '../load/requests.js';
import type { PartResult } from './calls.js';
import { SET_TYPE } from './set-type.js';
import { setFilling } from './workloads.js';

const MEMBERS = 1_000_000;
/** Calls before the figures count, so that the code is compiled. */
const WARMUP_MEMBERS = 50_000;
const LIMIT_BYTES = 192 * 2 ** 20;
const SLICE = 250_000;
const STORED_VALUE_BYTES = 1000;
const MOST_MILLISECONDS = 10;

interface Case {
  readonly name: string;
  readonly make: (feeder: Feeder, members: number) => void;
}

const CASES: readonly Case[] = [
  {
    name: 'deleted',
    make: (feeder, members) => {
      expectReply(feeder.ask(`delete set$of${members}\r\n`), 'DELETED');
      storePlain(feeder, LIMIT_BYTES);
    },
  },
  {
    name: 'evicted',
    make: (feeder, members) => {
      storePlain(feeder, LIMIT_BYTES * 2);
      expectReply(feeder.ask(`get set:count:of${members}\r\n`), 'ERROR_CACHE_MISS');
    },
  },
  {
    name: 'replaced by set:new',
    make: (feeder, members) => {
      expectReply(feeder.ask(`get set:new:of${members}\r\n`), 'CREATED');
      storePlain(feeder, LIMIT_BYTES);
    },
  },
];

export function measureHold(): PartResult {
  const records: { readonly name: string; readonly held: Held }[] = [];
  for (const { name, make } of CASES) {
    const own = new OwnStore(LIMIT_BYTES);
    const feeder = new Feeder(own, own.makeEngine([SET_TYPE]));
    putMembers(feeder, WARMUP_MEMBERS);
    make(feeder, WARMUP_MEMBERS);
    putMembers(feeder, MEMBERS);
    feeder.reset();
    make(feeder, MEMBERS);
    records.push({ name, held: feeder.held });
  }
  const rows = records.map(({ name, held }) => [
    name,
    `${held.batches}`,
    (held.sumMilliseconds / held.batches).toFixed(3),
    held.longestMilliseconds.toFixed(3),
  ]);
  console.log(`CPU time for which the thread is held by one batch while a set of ${MEMBERS} members goes`);
  console.log(`${formatTable(['the set is', 'batches', 'mean ms', 'longest ms'], rows)}\n`);
  return { records, verdicts: records.map(verdict) };
}

function verdict({ name, held }: { readonly name: string; readonly held: Held }): Verdict {
  return {
    what: `longest time the thread is held when a set of ${MEMBERS} members is ${name}, ms of CPU`,
    measured: held.longestMilliseconds,
    required: MOST_MILLISECONDS,
    relation: 'at most',
  };
}

function putMembers(feeder: Feeder, members: number): void {
  const { each } = setFilling(members);
  expectReply(feeder.ask(`get set:new:of${members}\r\n`), 'CREATED');
  for (let firstKey = 0; firstKey < members; firstKey += SLICE) {
    const keys = Math.min(SLICE, members - firstKey);
    const pool = buildRequests({ ...PLAN, mode: 'callEach', calls: each.ours, firstKey, keys });
    feeder.feed(pool.bytes.subarray(0, pool.starts[pool.count]));
  }
  expectReply(feeder.ask(`get set:count:of${members}\r\n`), `${members}`);
}

function storePlain(feeder: Feeder, payloadBytes: number): void {
  const keys = Math.ceil(payloadBytes / STORED_VALUE_BYTES);
  const pool = buildRequests({ ...PLAN, mode: 'fill', firstKey: 0, keys, valueBytes: STORED_VALUE_BYTES });
  feeder.feed(pool.bytes.subarray(0, pool.starts[pool.count]));
}

const PLAN = { protocol: 'memcached', valueBytes: 0, setShare: 1, distribution: { kind: 'uniform' } } as const;

function expectReply(reply: string, wanted: string): void {
  if (!reply.includes(wanted)) throw new Error(`expected ${wanted}, not ${reply.trim()}`);
}
