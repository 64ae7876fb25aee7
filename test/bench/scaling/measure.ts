// Runs the sweeps: cost of a get against items, connections, idle connections, threads and sizes of values.

import { openIdle } from '../host/idle-connections.js';
import { choosePinning, type Pinning } from '../host/processors.js';
import { runRounds, warmUp } from '../host/series.js';
import type { ServerKind } from '../host/servers.js';
import type { LoadProcess } from '../load/process.js';
import { type Contender, withContenders } from '../wire/contenders.js';
import type { WireOptions } from '../wire/options.js';
import { fill, type RoundShape, roundPlan } from '../wire/rounds.js';
import type { ScalingOptions } from './options.js';
import { pointOf, type Sweep, type SweepPoint } from './sweep.js';

const MEMORY_MEGABYTES = 2048;
const USUAL: RoundShape = { mode: 'get', pipeline: 1, keys: 100_000, valueBytes: 100 };
const PIPELINES = [1, 16];
const SMALL_VALUE_BYTES = 10;
const MOST_PAYLOAD_BYTES = 64 * 2 ** 20;
const CONNECTIONS = [1, 10, 50, 200, 1000];
const IDLE_CONNECTIONS = [0, 100, 1000, 4000];
const THREADS = [1, 2, 4];
const VALUE_BYTES = [10, 100, 1000, 10_000, 100_000];

/** One point to measure: a contender at a value of x. */
interface Probe {
  readonly contender: Contender;
  readonly x: number;
  readonly shape: RoundShape;
  readonly connections: number;
}

export class Sweeper {
  constructor(
    private readonly load: LoadProcess,
    private readonly kinds: readonly ServerKind[],
    private readonly wire: WireOptions,
    private readonly options: ScalingOptions,
    private readonly pinning: Pinning,
  ) {}

  /** The sweeps that need only the usual servers. */
  usual(): Promise<Sweep[]> {
    return this.#with({ threads: [1], pinning: this.pinning }, async (contenders) => {
      for (const { server } of contenders) await fill(this.load, server, this.wire, USUAL);
      return [await this.#connections(contenders), await this.#idle(contenders), await this.#values(contenders)];
    });
  }

  async #connections(contenders: readonly Contender[]): Promise<Sweep> {
    const points = await this.#probe(
      PIPELINES,
      cross(contenders, CONNECTIONS, (contender, x) => ({ contender, x, shape: USUAL, connections: x })),
    );
    return { name: 'connections', title: 'Busy connections', xLabel: 'connections', points };
  }

  async #idle(contenders: readonly Contender[]): Promise<Sweep> {
    const points: SweepPoint[] = [];
    const opened = [];
    let open = 0;
    for (const x of IDLE_CONNECTIONS) {
      for (const { server } of contenders) opened.push(await openIdle(server.port, x - open));
      open = x;
      points.push(...(await this.#probe(PIPELINES, this.#atX(contenders, x, USUAL))));
    }
    for (const connections of opened) connections.close();
    return { name: 'idle', title: 'Idle connections beside 50 busy ones', xLabel: 'idle connections', points };
  }

  async #values(contenders: readonly Contender[]): Promise<Sweep> {
    const points: SweepPoint[] = [];
    for (const valueBytes of VALUE_BYTES) {
      const keys = Math.min(USUAL.keys, Math.floor(MOST_PAYLOAD_BYTES / valueBytes));
      const shape = { ...USUAL, valueBytes, keys };
      for (const { server } of contenders) await fill(this.load, server, this.wire, shape);
      points.push(...(await this.#probe([1], this.#atX(contenders, valueBytes, shape))));
    }
    return { name: 'values', title: 'Sizes of values', xLabel: 'bytes of a value', points };
  }

  /** One server grows; the requested keys are spread over all items. */
  items(): Promise<Sweep> {
    return this.#with({ threads: [1], pinning: this.pinning }, async (contenders) => {
      const points: SweepPoint[] = [];
      let firstKey = 0;
      for (const keys of this.options.items) {
        const shape = { ...USUAL, valueBytes: SMALL_VALUE_BYTES, keys };
        for (const { server } of contenders) await fill(this.load, server, this.wire, { ...shape, firstKey });
        firstKey = keys;
        points.push(...(await this.#probe(PIPELINES, this.#atX(contenders, keys, shape))));
      }
      return { name: 'items', title: 'Items in the cache', xLabel: 'items', points };
    });
  }

  /** All are pinned like the one with the most threads. */
  threads(): Promise<Sweep> {
    return this.#with({ threads: THREADS, pinning: choosePinning(Math.max(...THREADS)) }, async (contenders) => {
      for (const { server } of contenders) await fill(this.load, server, this.wire, USUAL);
      const probes = contenders.map((contender) => ({
        contender,
        x: contender.threads,
        shape: USUAL,
        connections: this.wire.connections,
      }));
      const points = await this.#probe(PIPELINES, probes);
      return { name: 'threads', title: 'Threads', xLabel: 'threads', points };
    });
  }

  #atX(contenders: readonly Contender[], x: number, shape: RoundShape): Probe[] {
    return contenders.map((contender) => ({ contender, x, shape, connections: this.wire.connections }));
  }

  async #probe(pipelines: readonly number[], probes: readonly Probe[]): Promise<SweepPoint[]> {
    const points: SweepPoint[] = [];
    for (const pipeline of pipelines) {
      const contestants = probes.map(({ contender, x, shape, connections }) => ({
        name: `${contender.server.kind.name}, ${x}`,
        plan: { ...roundPlan(contender.server, this.wire, { ...shape, pipeline }), connections },
      }));
      const series = await runRounds(this.load, contestants, this.wire.rounds, false);
      series.forEach((one, index) => {
        const { contender, x } = probes[index];
        const point = pointOf(contender.server.kind.name, pipeline, x, one);
        console.log(`${one.name}, pipeline ${pipeline}: ${point.cpuMicroseconds.toFixed(2)} us of CPU per get`);
        points.push(point);
      });
    }
    return points;
  }

  #with<T>(
    where: { readonly threads: readonly number[]; readonly pinning: Pinning },
    use: (contenders: readonly Contender[]) => Promise<T>,
  ): Promise<T> {
    const most = Math.max(...CONNECTIONS) + Math.max(...IDLE_CONNECTIONS);
    const limits = { memoryMegabytes: MEMORY_MEGABYTES, connections: most, idleConnections: 0 };
    return withContenders(this.kinds, { ...where, ...limits }, async (contenders) => {
      await warmUp(
        this.load,
        contenders.map(({ name, server }) => ({ name, plan: roundPlan(server, this.wire, USUAL) })),
      );
      return use(contenders);
    });
  }
}

function cross<T>(contenders: readonly Contender[], xs: readonly number[], make: (c: Contender, x: number) => T): T[] {
  return xs.flatMap((x) => contenders.map((contender) => make(contender, x)));
}
