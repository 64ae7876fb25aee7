// The results of a scenario, for a terminal and for a file.

import type { Series } from '../host/series.js';
import { formatSeries } from '../host/series-table.js';
import { OURS } from '../host/servers.js';
import { figure } from '../host/table.js';
import type { Contender } from './contenders.js';
import type { Scenario } from './options.js';
import type { ScenarioRun } from './rounds.js';

export function formatScenario(contenders: readonly Contender[], scenario: Scenario, run: ScenarioRun): string {
  const contenderOf = (series: Series): Contender => contenders[run.series.indexOf(series)];
  // A peer is compared with ours of the same number of threads, and ours of several threads with ours of the fewest.
  const baseOf = (series: Series): Series | undefined => {
    const { server, threads } = contenderOf(series);
    const isOurs = server.kind.name === OURS;
    return run.series.find((other) => {
      const base = contenderOf(other);
      return base.server.kind.name === OURS && (isOurs || base.threads === threads);
    });
  };
  const offered = run.offeredPerSecond > 0 ? `, ${figure(run.offeredPerSecond)} ops/s offered` : '';
  return formatSeries(`${scenario.name}${offered}`, run.series, baseOf, (series) => contenderOf(series).threads);
}

/** All rounds, so that readers can compute other statistics from them. */
export function scenarioRecord(scenario: Scenario, run: ScenarioRun): object {
  return { scenario, offeredPerSecond: run.offeredPerSecond, servers: run.series };
}
