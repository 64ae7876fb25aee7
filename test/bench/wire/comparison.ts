// The comparison of our server with its peers, scenario by scenario. Prints as it goes.

import type { Verdict } from '../host/bars.js';
import { flushingNote } from '../host/flushing-memcached.js';
import type { Pinning } from '../host/processors.js';
import type { ServerKind } from '../host/servers.js';
import type { LoadProcess } from '../load/process.js';
import { scenarioVerdicts } from './bars.js';
import { withContenders } from './contenders.js';
import { scenarios, type WireOptions } from './options.js';
import { formatScenario, scenarioRecord } from './report.js';
import { fill, runScenario } from './rounds.js';

const MEMORY_MEGABYTES = 1024;

export interface Comparison {
  readonly scenarios: readonly object[];
  readonly verdicts: readonly Verdict[];
}

export function runComparison(
  kinds: readonly ServerKind[],
  load: LoadProcess,
  options: WireOptions,
  pinning: Pinning,
): Promise<Comparison> {
  const contenderOptions = { ...options, memoryMegabytes: MEMORY_MEGABYTES, pinning };
  return withContenders(kinds, contenderOptions, async (contenders) => {
    console.log(description(kinds, options));
    const verdicts: Verdict[] = [];
    const records: object[] = [];
    let filledBytes = 0;
    for (const scenario of scenarios(options)) {
      if (scenario.valueBytes !== filledBytes) {
        for (const { server } of contenders) await fill(load, server, options, scenario);
        filledBytes = scenario.valueBytes;
      }
      const run = await runScenario(load, contenders, options, scenario);
      console.log(formatScenario(contenders, scenario, run));
      verdicts.push(...scenarioVerdicts(contenders, scenario, run));
      records.push(scenarioRecord(scenario, run));
    }
    return { scenarios: records, verdicts };
  });
}

function description(kinds: readonly ServerKind[], options: WireOptions): string {
  const idle = options.idleConnections > 0 ? ` beside ${options.idleConnections} idle ones` : '';
  const keys = options.distribution.kind === 'zipf' ? `by Zipf's law (${options.distribution.exponent})` : 'uniformly';
  const note = flushingNote(kinds.map(({ title }) => title));
  return [
    ...kinds.map(({ name, title }) => `${name}: ${title}`),
    ...(note === undefined ? [] : [note]),
    `${options.threads.join(', ')} server threads, ${options.connections} connections${idle}, ${options.keys} keys drawn ${keys}, ` +
      `${options.rounds} rounds of ${options.seconds} s; latencies are of whole batches\n`,
  ].join('\n');
}
