// Which connections have been waited for long enough. One timer for all, ticking once a second, with bounded work.
// Not for closing by other reasons, nor for expiry of items.

import type { MetricId, Metrics } from '../base/metrics.js';
import type { Connection } from './connection.js';
import type { ConnectionTable } from './connection-table.js';
import { TRANSPORT_METRICS } from './metrics.js';
import type { TransportClock } from './options.js';

const TICK_MS = 1000;

/** With more connections than this, a round over all takes several seconds. */
const VISITS_PER_TICK = 10_000;

/** How long a client that got its last reply may take to close its side. */
const LINGER_SECONDS = 2;

export interface TimeoutSettings {
  readonly idleTimeoutSeconds: number;
  readonly valueTimeoutSeconds: number;
  readonly writeTimeoutSeconds: number;
}

export class Timeouts {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: TimeoutSettings,
    private readonly table: ConnectionTable,
    private readonly clock: TransportClock,
    private readonly metrics: Metrics,
    private readonly onSecond: () => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One round, also called by tests that move the clock. */
  tick(): void {
    this.clock.refresh();
    this.onSecond();
    this.table.visitSome(VISITS_PER_TICK, this.#visit);
  }

  readonly #visit = (connection: Connection): void => {
    const { settings } = this;
    const waited = this.clock.now - connection.activeAt;
    if (connection.isWriting) {
      if (!this.#hasProgress(connection)) {
        this.#closeAfter(connection, waited, settings.writeTimeoutSeconds, TRANSPORT_METRICS.write_timeouts);
      }
    } else if (connection.isLingering) {
      if (waited >= LINGER_SECONDS) connection.close();
    } else if (connection.isMidRequest) {
      this.#closeAfter(connection, waited, settings.valueTimeoutSeconds, TRANSPORT_METRICS.value_timeouts);
    } else {
      this.#closeAfter(connection, waited, settings.idleTimeoutSeconds, TRANSPORT_METRICS.idle_kicks);
    }
  };

  /** A client that reads, however slowly, is waited for. */
  #hasProgress(connection: Connection): boolean {
    const unwritten = connection.channel.unwrittenBytes;
    if (unwritten === connection.unwrittenSeen) return false;
    connection.unwrittenSeen = unwritten;
    connection.activeAt = this.clock.now;
    return true;
  }

  #closeAfter(connection: Connection, waited: number, limit: number, counter: MetricId): void {
    if (limit === 0 || waited < limit) return;
    this.metrics.add(counter, 1);
    connection.close();
  }
}
