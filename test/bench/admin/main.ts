// The benchmark of the admin port: times of gets while thousands of slow clients connect to it, compared with rounds without them and with rounds
// in which they connect to another process, since they take CPU time themselves. Reads the command line and prints.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mainThreadNanoseconds } from '../host/accounts.js';
import { positiveNumber } from '../host/arguments.js';
import { formatVerdicts } from '../host/bars.js';
import { median, medianOfPairedRatios } from '../host/ratios.js';
import { freePort, ownServer, pause, startServer } from '../host/servers.js';
import { figure, formatTable } from '../host/table.js';
import { PacedGets } from './paced-gets.js';

const USAGE = `Usage: npm run bench:admin -- [options]
  --rounds N          rounds of each kind, interleaved (9)
  --seconds S         length of a round (2)
  --threads N         server threads (1)
  --slow N            slow clients of a round (10000)
  --offered N         gets a second, on 50 connections (4000)
  --help`;

const CONNECTIONS = 50;
const MEMORY_MEGABYTES = 64;
/** The slow clients are open by then. */
const OPENED_SHARE = 0.9;
const P99 = 99;
const MOST_TIMES_AS_LONG = 1.1;
const MOST_MAIN_SHARE = 0.05;
const SETTLING_MS = 1200;

const KINDS = ['no slow clients', 'slow clients of another process', 'slow clients of the admin port'] as const;
type Kind = (typeof KINDS)[number];

interface Round {
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server's main thread, as a share of a processor. */
  readonly mainShare: number;
  readonly opened: number;
}

function program(name: string, ...args: readonly (string | number)[]): ChildProcess {
  return fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args.map(String));
}

async function openedBy(clients: ChildProcess): Promise<number> {
  const answer = once(clients, 'message');
  clients.send('opened');
  return ((await answer)[0] as { opened: number }).opened;
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { rounds: text, seconds: text, threads: text, slow: text, offered: text };
  const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const number = (name: keyof typeof options, usual: number) => positiveNumber(name, values[name], usual);
  const [rounds, seconds, slow] = [number('rounds', 9), number('seconds', 2), number('slow', 10_000)];
  const offered = number('offered', 4000);
  const adminPort = await freePort();
  const kind = ownServer(['--admin-port', String(adminPort)]);
  if (kind === undefined) throw new Error('the server is not built');
  const shape = { threads: number('threads', 1), memoryMegabytes: MEMORY_MEGABYTES, processors: undefined };
  const server = await startServer(kind, shape);
  const plain = program('plain-server');
  const ports: Readonly<Record<Kind, number>> = {
    'no slow clients': 0,
    'slow clients of another process': (await once(plain, 'message'))[0] as number,
    'slow clients of the admin port': adminPort,
  };
  const gets = await PacedGets.connect(server.port, CONNECTIONS);
  const results = KINDS.map((): Round[] => []);
  const measure = async (port: number): Promise<Round> => {
    const clients = port === 0 ? undefined : program('slow-clients', port, slow, seconds * OPENED_SHARE);
    const before = mainThreadNanoseconds(server.pid);
    const times = await gets.run(seconds, offered);
    const mainShare = (mainThreadNanoseconds(server.pid) - before) / 1e9 / seconds;
    const opened = clients === undefined ? 0 : await openedBy(clients);
    clients?.disconnect();
    // What the kernel kept waiting of this round is not to disturb the next one.
    await pause(SETTLING_MS);
    return { p50: times.microsecondsAt(50), p99: times.microsecondsAt(P99), mainShare, opened };
  };
  try {
    console.log(`server threads ${shape.threads}; load average ${loadavg()[0].toFixed(1)}`);
    await gets.run(seconds, offered);
    for (let round = 0; round < rounds; round++) {
      for (const [index, name] of KINDS.entries()) results[index].push(await measure(ports[name]));
    }
    print(results);
  } finally {
    gets.close();
    plain.disconnect();
    await server.stop();
  }
}

function print(results: readonly Round[][]): void {
  const of = (rows: readonly Round[], name: keyof Round) => rows.map((row) => row[name]);
  const [quiet, elsewhere, attacked] = results;
  const rows = results.map((series, index) => [
    KINDS[index],
    figure(median(of(series, 'opened'))),
    figure(median(of(series, 'p50'))),
    figure(Math.min(...of(series, 'p99'))),
    figure(median(of(series, 'p99'))),
    medianOfPairedRatios(of(series, 'p99'), of(quiet, 'p99')).toFixed(2),
    `${(100 * median(of(series, 'mainShare'))).toFixed(2)} %`,
  ]);
  const times = ['p50 us', 'least p99', 'p99 us', 'p99 to none'];
  console.log(formatTable(['', 'opened', ...times, 'main thread'], rows));
  console.log(
    formatVerdicts([
      {
        what: 'p99 of a get with slow clients of the admin port to that with slow clients of another process',
        measured: medianOfPairedRatios(of(attacked, 'p99'), of(elsewhere, 'p99')),
        required: MOST_TIMES_AS_LONG,
        relation: 'at most',
      },
      {
        what: 'share of a processor that the main thread takes for slow clients',
        measured: Math.max(0, median(of(attacked, 'mainShare')) - median(of(quiet, 'mainShare'))),
        required: MOST_MAIN_SHARE,
        relation: 'at most',
      },
    ]),
  );
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
