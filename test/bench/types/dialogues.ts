// Sends the requests of a filling or a side as dialogues, so that every reply is checked.

import type { RunningServer } from '../host/servers.js';
import type { LoadPlan, Mode } from '../load/plan.js';
import type { LoadProcess } from '../load/process.js';
import type { ObjectServers } from '../objects/contestants.js';
import type { Filling, Side, Step } from './comparison.js';
import type { TypesOptions } from './options.js';

const FILL = { connections: 4, pipeline: 64, seconds: 1, warmupSeconds: 0 };
const WARMUP_SECONDS = 0.1;

interface Numbers {
  readonly first: number;
  readonly count: number;
}

type Shape = Pick<LoadPlan, 'connections' | 'pipeline' | 'seconds' | 'warmupSeconds' | 'client'>;

function planOf(server: RunningServer, mode: Mode, steps: readonly Step[], numbers: Numbers, shape: Shape): LoadPlan {
  return {
    ...shape,
    port: server.port,
    serverPid: server.pid,
    requests: {
      protocol: server.kind.protocol,
      mode,
      firstKey: numbers.first,
      keys: numbers.count,
      valueBytes: 0,
      setShare: 0,
      distribution: { kind: 'uniform' },
      calls: steps.map(({ call }) => call),
      replies: steps.map(({ replies }) => replies),
    },
    offeredPerSecond: 0,
  };
}

/** Stores the data of a filling on one server. */
export async function fill(
  load: LoadProcess,
  server: RunningServer,
  { count, ours = [], redis = [] }: Filling,
  client: LoadPlan['client'],
): Promise<void> {
  const steps = server.kind.protocol === 'redis' ? redis : ours;
  if (steps.length === 0) return;
  await load.run(planOf(server, 'dialogueEach', steps, { first: 0, count }, { ...FILL, client }));
}

/** The plan of a round; undefined if the server is not installed. */
export function roundPlan(
  servers: ObjectServers,
  side: Side,
  numbers: Numbers,
  pipeline: number,
  { connections, seconds, client }: TypesOptions,
): LoadPlan | undefined {
  const server = servers[side.server];
  const shape = { connections, pipeline, seconds, client, warmupSeconds: WARMUP_SECONDS };
  return server && planOf(server, 'dialogue', side.steps, numbers, shape);
}
