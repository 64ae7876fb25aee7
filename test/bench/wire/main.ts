// The wire benchmark: our server beside its peers, in one run. Reads the command line, starts the servers, prints.

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Verdict } from '../host/bars.js';
import { choosePinning, type Pinning } from '../host/processors.js';
import {
  memcachedPeer,
  OURS,
  ownServer,
  type RunningServer,
  redisPeer,
  type ServerKind,
  startServer,
} from '../host/servers.js';
import { LoadProcess } from '../load/process.js';
import { measureGrowth } from './growth.js';
import { parseOptions, scenarios, USAGE, type WireOptions } from './options.js';
import { formatScenario, formatVerdicts, scenarioRecord, scenarioVerdicts } from './report.js';
import { fill, runScenario } from './rounds.js';

const MEMORY_MEGABYTES = 1024;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const pinning = choosePinning(options.threads);
  const load = new LoadProcess(pinning.load);
  try {
    const kinds = findServers(options);
    console.log(`${availableParallelism()} processors; ${pinning.note}; load by ${options.client}`);
    const record = options.growth
      ? await runGrowth(kinds, load, options, pinning)
      : await runComparison(kinds, load, options, pinning);
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(record, undefined, 2)}\n`);
  } finally {
    load.stop();
  }
}

function findServers(options: WireOptions): ServerKind[] {
  const candidates: [string, ServerKind | undefined][] = [
    [OURS, ownServer(options.serverFlags)],
    ['memcached', memcachedPeer('memcached', 'memcached')],
    ['redis', redisPeer('redis-server', 'redis')],
  ];
  if (options.memcachedPath !== undefined) {
    candidates.push(['memcached-2', memcachedPeer(options.memcachedPath, 'memcached-2')]);
  }
  return candidates.flatMap(([name, kind]) => {
    if (options.servers !== undefined && !options.servers.includes(name)) return [];
    if (kind !== undefined) return [kind];
    console.log(name === OURS ? `${OURS} is not built: run npm run build` : `${name} is not installed: left out`);
    return [];
  });
}

async function runComparison(
  kinds: readonly ServerKind[],
  load: LoadProcess,
  options: WireOptions,
  pinning: Pinning,
): Promise<object> {
  const servers: RunningServer[] = [];
  const verdicts: Verdict[] = [];
  const records: object[] = [];
  try {
    for (const kind of kinds) {
      const { threads } = options;
      servers.push(await startServer(kind, { threads, memoryMegabytes: MEMORY_MEGABYTES, processors: pinning.server }));
      console.log(`${kind.name}: ${kind.title}`);
    }
    for (const server of servers) await fill(load, server, options, options.keys);
    console.log(
      `${options.threads} server threads, ${options.connections} connections, ${options.keys} keys, values of ` +
        `${options.valueBytes} bytes, ${options.rounds} rounds of ${options.seconds} s; latencies are of whole batches\n`,
    );
    for (const scenario of scenarios(options)) {
      const series = await runScenario(load, servers, options, scenario);
      console.log(formatScenario(scenario, series, options.threads));
      verdicts.push(...scenarioVerdicts(scenario, series, options.threads));
      records.push(scenarioRecord(scenario, series));
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  console.log(formatVerdicts(verdicts));
  return { options, servers: kinds.map((kind) => kind.title), pinning: pinning.note, scenarios: records, verdicts };
}

async function runGrowth(
  kinds: readonly ServerKind[],
  load: LoadProcess,
  options: WireOptions,
  pinning: Pinning,
): Promise<object> {
  const kind = kinds[0];
  if (kind === undefined) throw new Error('no server to measure');
  // Loaded only here, because its clock needs the C library.
  const { formatStalls, measureStalls, stallVerdict } = await import('./stalls.js');
  const stalls = measureStalls(options.items);
  console.log(formatStalls(stalls));
  const growth = await measureGrowth(kind, load, options, pinning.server);
  console.log(growth.text);
  const verdicts = [stallVerdict(stalls), growth.verdict];
  console.log(formatVerdicts(verdicts));
  return { options, server: kind.title, pinning: pinning.note, stalls, growth: growth.record, verdicts };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
