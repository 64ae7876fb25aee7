// A listening transport with the fake engine, for tests; the factory chooses the transport.

import { CLOCK_CELLS, Clock, type TimeSource } from '../../src/base/clock.js';
import { METRICS_PER_THREAD, type MetricId, Metrics } from '../../src/base/metrics.js';
import type { RequestEngine } from '../../src/transport/request-engine.js';
import type { Transport } from '../../src/transport/transport.js';
import { TRANSPORT_METRICS } from '../../src/transport/transport-metrics.js';
import type { ListeningAddresses, TransportLog, TransportOptions } from '../../src/transport/transport-options.js';
import { type Target, TestClient } from './client.js';
import { engineOf, FakeEngine } from './fake-engine.js';

/** The interface that the suite needs of a transport. */
export interface TestedTransport extends Transport {
  listen(): Promise<ListeningAddresses>;
  readonly maxConnections: number;
}

export type TransportFactory = (
  engine: RequestEngine,
  options: TransportOptions,
  metrics: Metrics,
  clock: Clock,
  log: TransportLog,
) => TestedTransport;

export interface TestServer {
  readonly engine: FakeEngine;
  readonly transport: TestedTransport;
  readonly addresses: ListeningAddresses;
  readonly target: Target & { port: number };
  readonly logged: { level: string; details: object; message: string }[];
  readonly shutdowns: boolean[];
  readonly fatal: unknown[];
  count(metric: MetricId): number;
  /** Moves the clock and runs the timeouts. */
  advance(seconds: number): void;
  connect(options?: { reads?: boolean; allowHalfOpen?: boolean }): Promise<TestClient>;
}

export interface ServerOptions extends Partial<Omit<TransportOptions, 'memory' | 'spareOutputs'>> {
  readonly spareCount?: number;
  /** The clients' TLS options, if they use TLS. */
  readonly clientTls?: Target['tls'];
}

export async function startServer(factory: TransportFactory, settings: ServerOptions = {}): Promise<TestServer> {
  const engine = new FakeEngine(settings.spareCount ?? 4);
  const clock = new Clock(new Float64Array(CLOCK_CELLS.count), frozenTime);
  const metrics = new Metrics(new Float64Array(METRICS_PER_THREAD), 0);
  const logged: TestServer['logged'] = [];
  const note = (level: string) => (details: object, message: string) => logged.push({ level, details, message });
  const shutdowns: boolean[] = [];
  const fatal: unknown[] = [];
  const options: TransportOptions = {
    memory: engine,
    spareOutputs: engine.spareOutputs,
    addresses: [{ host: '127.0.0.1', port: 0, isTls: settings.clientTls !== undefined }],
    backlog: 1024,
    maxConnections: 1024,
    idleTimeoutSeconds: 0,
    valueTimeoutSeconds: 30,
    writeTimeoutSeconds: 60,
    onShutdown: (graceful) => shutdowns.push(graceful),
    onFatal: (error) => fatal.push(error),
    ...settings,
  };
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const transport = factory(engineOf(engine, [engine]), options, metrics, clock, log);
  const addresses = await transport.listen();
  const target = { host: '127.0.0.1', port: addresses.tcp[0]?.port ?? 0, tls: settings.clientTls };
  return {
    engine,
    transport,
    addresses,
    target,
    logged,
    shutdowns,
    fatal,
    count: (metric) => metrics.total(metric),
    advance: (seconds) => {
      clock.advance(seconds);
      transport.tick();
    },
    connect: (connectOptions) => TestClient.connect(target, connectOptions),
  };
}

/** Time does not pass unless a test moves the clock. */
const frozenTime: TimeSource = { steadyMs: () => 1, unixMs: () => 1_700_000_000_000 };

/** Starts a server that the suite stops. */
export type Start = (options?: ServerOptions) => Promise<TestServer>;

/** Drains a transport; fulfilled when all of its connections are closed. */
export function drained(transport: Transport, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => transport.drain(timeoutMs, resolve));
}

/** Waits until the server writes no more, because a client does not read. */
export async function stalled(server: TestServer): Promise<void> {
  for (let quietTurns = 0, seen = -1; quietTurns < 200; quietTurns++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const written = server.count(TRANSPORT_METRICS.bytes_written);
    if (written !== seen) quietTurns = 0;
    seen = written;
  }
}
