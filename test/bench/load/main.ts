// The load process: receives a plan as a message, drives one round, replies with its result, and waits for the next plan.
// It is a separate process, so that neither the benchmark's work nor its garbage affects the figures. It lives for the whole
// run, so that its code is compiled once.

import { cpuNanoseconds } from '../host/accounts.js';
import { Dialogue } from './dialogue.js';
import { Driver } from './driver.js';
import type { EpollClient as EpollClientClass } from './epoll-client.js';
import { NetClient } from './net-client.js';
import type { LoadAnswer, LoadPlan, LoadResult, RequestPlan } from './plan.js';
import { buildRequests, type RequestPool } from './requests.js';
import type { RequestSource } from './source.js';

interface Client {
  /** Runs one round until all replies have arrived; returns its length in milliseconds. */
  drive(seconds: number): Promise<number>;
  close(): void;
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const source = sourceFor(plan);
  const driver = new Driver(plan, source);
  const client = await makeClient(plan, driver, source);
  try {
    if (plan.warmupSeconds > 0 && !source.once) await client.drive(plan.warmupSeconds);
    const serverBefore = plan.serverPid > 0 ? cpuNanoseconds(plan.serverPid) : 0;
    const loadBefore = process.cpuUsage();
    const milliseconds = await client.drive(plan.seconds);
    const load = process.cpuUsage(loadBefore);
    const serverAfter = plan.serverPid > 0 ? cpuNanoseconds(plan.serverPid) : 0;
    return {
      operations: driver.operations,
      seconds: milliseconds / 1000,
      errors: driver.sum('errors'),
      hits: driver.sum('hits'),
      serverCpuNanoseconds: serverAfter - serverBefore,
      loadCpuShare: (load.user + load.system) / 1000 / milliseconds,
      latency: driver.latency.encode(),
    };
  } finally {
    client.close();
    if (source instanceof Dialogue) taken.set(JSON.stringify(plan.requests), source.taken);
  }
}

async function makeClient(plan: LoadPlan, driver: Driver, source: RequestSource): Promise<Client> {
  const EpollClient = plan.client === 'epoll' ? await loadEpollClient() : undefined;
  return EpollClient === undefined
    ? new NetClient(driver, source, plan.port)
    : new EpollClient(driver, source, plan.port);
}

let isWarned = false;

/** Loaded on demand, because the C library cannot be called everywhere. */
async function loadEpollClient(): Promise<typeof EpollClientClass | undefined> {
  try {
    return (await import('./epoll-client.js')).EpollClient;
  } catch (error) {
    if (!isWarned) console.error(`load by net, as epoll cannot be used: ${(error as Error).message}`);
    isWarned = true;
    return undefined;
  }
}

/** How many numbers the dialogues of a plan have taken: the next one continues, so that what each of them adds is new. */
const taken = new Map<string, number>();

function sourceFor({ requests, connections, pipeline }: LoadPlan): RequestSource {
  if (requests.mode === 'dialogueEach') return new Dialogue(requests, connections, pipeline);
  if (requests.mode !== 'dialogue') return requestsFor(requests);
  return new Dialogue(requests, connections, pipeline, taken.get(JSON.stringify(requests)));
}

/** A scenario of calls has a dozen kinds of requests. */
const POOLS_KEPT = 12;
const pools = new Map<string, RequestPool>();

function requestsFor(plan: RequestPlan): RequestPool {
  const name = JSON.stringify(plan);
  const known = pools.get(name);
  if (known !== undefined) return known;
  const pool = buildRequests(plan);
  if (pool.once) return pool;
  const oldest = pools.keys().next();
  if (pools.size >= POOLS_KEPT && !oldest.done) pools.delete(oldest.value);
  pools.set(name, pool);
  return pool;
}

process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => process.send?.({ result } satisfies LoadAnswer),
    (error: Error) => process.send?.({ error: error.message } satisfies LoadAnswer),
  );
});
process.on('disconnect', () => process.exit(0));
