// The benchmark of metrics: CPU time of get, set and set:put with all metrics on against off, in this process and without sockets, in short
// slices by turns. Reads the command line and prints.

import '../../../src/app/v8-flags.js';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { positiveNumber } from '../host/arguments.js';
import { formatVerdicts, type Verdict } from '../host/bars.js';
import { OwnStore } from '../host/own-store.js';
import { figure, formatTable } from '../host/table.js';
import { threadCpuMilliseconds } from '../host/thread-clock.js';
import { Random } from '../load/random.js';
import { SET_TYPE } from '../objects/set-type.js';
import { makeMetricsSwitchable, switchMetrics } from './metrics-switch.js';

const USAGE = `Usage: npm run bench:metrics -- [options]
  --seconds S     for each workload (4)
  --keys N        keys of get and set (100000)
  --pipeline N    requests of a read (16)
  --help`;

const VALUE = 'x'.repeat(100);
const MEMORY_BYTES = 512 * 2 ** 20;
const READS_A_SLICE = 100;
const WARM_UP_SLICES = 1000;
const MOST = 1.01;
const SETS = 50;

const WORKLOADS: readonly (readonly [name: string, request: (random: Random, keys: number) => string])[] = [
  ['get', (random, keys) => `get key${random.below(keys)}\r\n`],
  ['set', (random, keys) => `set key${random.below(keys)} 0 0 ${VALUE.length}\r\n${VALUE}\r\n`],
  ['set:put', (random) => `get set:put:k${random.below(SETS)}:m${random.below(100)}\r\n`],
];

/** The value below which this share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length * share)];
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seconds: text, keys: text, pipeline: text, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const seconds = positiveNumber('seconds', values.seconds, 4);
  const keys = positiveNumber('keys', values.keys, 100_000);
  const pipeline = positiveNumber('pipeline', values.pipeline, 16);
  makeMetricsSwitchable();
  const own = new OwnStore(MEMORY_BYTES);
  const engine = own.makeEngine([SET_TYPE]);
  const session = engine.open();
  const random = new Random(1);
  const serve = (requests: Buffer) => {
    own.arena.bytes.set(requests, engine.input.at);
    engine.run(session, engine.input.at, engine.input.at + requests.length);
  };
  const slice = (reads: readonly Buffer[], areOn: boolean): number => {
    switchMetrics(areOn);
    const before = threadCpuMilliseconds();
    for (const read of reads) serve(read);
    return threadCpuMilliseconds() - before;
  };
  for (let key = 0; key < keys; key++) serve(Buffer.from(`set key${key} 0 0 ${VALUE.length}\r\n${VALUE}\r\n`));
  for (let set = 0; set < SETS; set++) serve(Buffer.from(`get set:new:k${set}\r\n`));
  const verdicts: Verdict[] = [];
  const rows = WORKLOADS.map(([name, request]) => {
    const slices = Array.from({ length: 8 }, () =>
      Array.from({ length: READS_A_SLICE }, () =>
        Buffer.from(Array.from({ length: pipeline }, () => request(random, keys)).join('')),
      ),
    );
    for (let turn = 0; turn < WARM_UP_SLICES; turn++) slice(slices[turn % slices.length], turn % 2 === 0);
    const [on, off]: [number[], number[]] = [[], []];
    const endMs = performance.now() + seconds * 1000;
    for (let turn = 0; performance.now() < endMs; turn++) {
      const reads = slices[turn % slices.length];
      const isOnFirst = (turn / slices.length) % 2 < 1;
      for (const isOn of [isOnFirst, !isOnFirst]) (isOn ? on : off).push(slice(reads, isOn));
    }
    const ratio = (share: number) => quantile(on, share) / quantile(off, share);
    verdicts.push({
      what: `CPU of ${name}, metrics on to off`,
      measured: ratio(0.1),
      required: MOST,
      relation: 'at most',
    });
    const nanoseconds = (quantile(on, 0.1) * 1e6) / READS_A_SLICE / pipeline;
    return [name, figure(nanoseconds), ...[0, 0.1, 0.25, 0.5].map((share) => ratio(share).toFixed(3)), `${on.length}`];
  });
  console.log(`pipeline ${pipeline}; ${keys} keys; load average ${loadavg()[0].toFixed(1)}`);
  console.log(formatTable(['on to off', 'ns', 'least', 'tenth', 'quarter', 'median', 'slices'], rows));
  console.log(formatVerdicts(verdicts));
}

main();
