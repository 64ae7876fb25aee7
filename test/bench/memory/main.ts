// The memory benchmark: the items that survive in a cache that is filled past its limit. Reads the command line and prints.

import { writeFileSync } from 'node:fs';
import { formatVerdict, type Verdict } from '../host/bars.js';
import { memcachedPeer, OURS, ownServer, type ServerKind } from '../host/servers.js';
import { formatTable, megabytes } from '../host/table.js';
import { DISTRIBUTIONS, type SizeDistribution } from './distributions.js';
import { evictionVerdict, measureEvictions } from './evictions.js';
import { type MemoryOptions, parseOptions, USAGE } from './options.js';
import { measureResident, residentVerdicts } from './resident.js';
import { measureSurvival, type Survival, survivalVerdicts } from './survival.js';

const DEFAULT_MEGABYTES = 64;

interface Outcome {
  readonly record: object;
  readonly verdicts: readonly Verdict[];
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const outcome = options.inProcess
    ? runInProcess(options)
    : options.resident
      ? await runResident(options)
      : await runSurvival(options);
  console.log(`\n${outcome.verdicts.map(formatVerdict).join('\n')}`);
  if (options.jsonFile !== undefined) {
    writeFileSync(options.jsonFile, `${JSON.stringify({ options, ...outcome }, undefined, 2)}\n`);
  }
}

function findServers(options: MemoryOptions): ServerKind[] {
  const candidates: [string, ServerKind | undefined][] = [
    [OURS, ownServer(options.serverFlags)],
    ['memcached', memcachedPeer('memcached', 'memcached')],
  ];
  return candidates.flatMap(([name, kind]) => {
    if (options.servers !== undefined && !options.servers.includes(name)) return [];
    if (kind !== undefined) return [kind];
    console.log(name === OURS ? `${OURS} is not built: run npm run build` : `${name} is not installed: left out`);
    return [];
  });
}

function chosenDistributions(options: MemoryOptions): SizeDistribution[] {
  return DISTRIBUTIONS.filter(({ name }) => options.distributions.includes(name));
}

const HEADER = [
  'values',
  'order',
  'server',
  'stores',
  'survivors',
  'payload/limit',
  'exact LRU',
  'most evicted',
  'resident',
  'seconds',
];

async function runSurvival(options: MemoryOptions): Promise<Outcome> {
  const kinds = findServers(options);
  const limitMegabytes = options.limitMegabytes ?? DEFAULT_MEGABYTES;
  console.log(
    `A cache of ${limitMegabytes} MiB filled to ${options.times} times its size; keys of 10 bytes.\n` +
      'A ~ before the most items evicted by one store says that only samples of the stores were looked at.\n',
  );
  const rows: string[][] = [];
  const survivals: Survival[] = [];
  const verdicts: Verdict[] = [];
  for (const distribution of chosenDistributions(options)) {
    for (const order of options.orders) {
      for (const kind of kinds) {
        const survival = await measureSurvival(kind, { distribution, order, limitMegabytes, times: options.times });
        survivals.push(survival);
        rows.push(survivalRow(survival));
        verdicts.push(...survivalVerdicts(survival));
        console.log(rows.at(-1)?.join('  '));
        printFaults(survival);
      }
    }
  }
  console.log(`\n${formatTable(HEADER, rows)}`);
  return { record: survivals, verdicts };
}

function survivalRow(survival: Survival): string[] {
  return [
    survival.distribution.title,
    survival.order === 'gets' ? `${survival.getsPerStore.toFixed(2)} gets` : 'plain',
    survival.server,
    `${survival.stores}`,
    `${survival.survivors}`,
    survival.payloadShare.toFixed(3),
    survival.exactLruShare.toFixed(3),
    `${survival.mostEvictedOfAll ? '' : '~'}${survival.mostEvicted}`,
    megabytes(survival.residentBytes),
    survival.seconds.toFixed(1),
  ];
}

function printFaults({ server, errorLines, wrongValues }: Survival): void {
  if (errorLines > 0) console.log(`! ${server} answered ${errorLines} error lines`);
  if (wrongValues > 0) console.log(`! ${server} answered ${wrongValues} values of a wrong length`);
}

function runInProcess(options: MemoryOptions): Outcome {
  const limitBytes = (options.limitMegabytes ?? DEFAULT_MEGABYTES) * 2 ** 20;
  const results = chosenDistributions(options).flatMap((distribution) =>
    options.orders.map((order) => measureEvictions({ distribution, order, limitBytes, times: options.times })),
  );
  const rows = results.map((result) => [
    result.distribution.title,
    result.order,
    `${result.stores}`,
    `${result.refused}`,
    `${result.mostEvicted}`,
    result.payloadShare.toFixed(3),
  ]);
  console.log(formatTable(['values', 'order', 'stores', 'refused', 'most evicted', 'payload/limit'], rows));
  return { record: results, verdicts: results.map(evictionVerdict) };
}

async function runResident(options: MemoryOptions): Promise<Outcome> {
  const kind = findServers(options)[0];
  if (kind === undefined) throw new Error('no server to measure');
  const result = await measureResident(kind, options.limitMegabytes, options.operations);
  const rows = [
    ['full', megabytes(result.fullBytes)],
    [`after ${result.furtherOperations} further operations`, megabytes(result.lastBytes)],
    ['highest', megabytes(result.highestBytes)],
  ];
  console.log(`${kind.title}, limit ${megabytes(result.limitBytes)}\n${formatTable(['when', 'resident'], rows)}`);
  return { record: result, verdicts: residentVerdicts(result) };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
