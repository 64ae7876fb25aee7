// Closes connections that have idled or stalled for too long. One timer serves all; each second it visits a limited number of them.

import type { MetricId, Metrics } from '../base/metrics.js';
import type { CloseReason } from './close-reason.js';
import type { Connection } from './connection.js';
import type { ConnectionTable } from './connection-table.js';
import { TRANSPORT_METRICS } from './transport-metrics.js';
import type { TransportClock } from './transport-options.js';

const TICK_MS = 1000;

/** Connections visited per second, in less than a millisecond. With more connections, a round over all takes several seconds. */
const VISITS_PER_TICK = 10_000;

/** Time for a client to close its side after its last reply: several round trips, even around the world. */
const LINGER_SECONDS = 2;

/** Time for a TLS handshake: with up to a second between two visits, the connection is closed within 10 s. */
export const HANDSHAKE_SECONDS = 8;

/** A client that reads or sends fewer bytes than this per second has stalled, for the write and value timeouts. A choice: no working
 * network is that slow, and an attacker must send that much per connection to hold memory. */
const LEAST_BYTES_PER_SECOND = 1024;

interface TimeoutSettings {
  readonly heldLimitBytes?: number;
  readonly idleTimeoutSeconds: number;
  readonly valueTimeoutSeconds: number;
  readonly writeTimeoutSeconds: number;
}

export class Timeouts {
  #timer: NodeJS.Timeout | undefined;
  /** Slow readers and writers found in this round, and the bytes that they hold. */
  readonly #holders: Connection[] = [];
  #heldBytes = 0;

  constructor(
    private readonly settings: TimeoutSettings,
    private readonly table: ConnectionTable,
    private readonly clock: TransportClock,
    private readonly metrics: Metrics,
    private readonly onSecond: () => void,
    private readonly noteState: (connection: Connection) => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One round; tests that move the clock call it too. */
  tick(): void {
    this.clock.refresh();
    this.onSecond();
    this.#holders.length = 0;
    this.#heldBytes = 0;
    this.table.visitSome(VISITS_PER_TICK, this.#visit);
    if (this.#heldBytes > (this.settings.heldLimitBytes ?? Number.POSITIVE_INFINITY)) this.#closeHolders();
  }

  readonly #visit = (connection: Connection): void => {
    const { settings } = this;
    this.noteState(connection);
    const waited = this.clock.now - connection.activeAt;
    if (connection.isWriting) {
      if (!this.#hasRead(connection, waited)) {
        this.#closeAfter(connection, waited, settings.writeTimeoutSeconds, TRANSPORT_METRICS.write_timeouts);
      }
      this.#noteHolder(connection);
    } else if (connection.isLingering) {
      if (waited >= LINGER_SECONDS) connection.close('the client did not close its side');
    } else if (connection.channel.isHandshaking) {
      this.#closeAfter(connection, waited, HANDSHAKE_SECONDS, TRANSPORT_METRICS.ssl_handshake_errors);
    } else if (connection.isMidRequest) {
      // A value that arrives at full speed is complete before the second round.
      const isSlow = connection.arrivedSeen > 0 || waited > 1;
      if (!this.#hasSent(connection, waited)) {
        this.#closeAfter(connection, waited, settings.valueTimeoutSeconds, TRANSPORT_METRICS.value_timeouts);
      }
      if (isSlow) this.#noteHolder(connection);
    } else if (connection.session.isWatching !== true) {
      // Not a watcher, which has nothing to ask. Greater than, as in memcached: a client that sends a request exactly every `limit` seconds keeps its connection.
      this.#closeAfter(connection, waited - 1, settings.idleTimeoutSeconds, TRANSPORT_METRICS.idle_kicks);
    }
  };

  #noteHolder(connection: Connection): void {
    if (connection.isClosed || connection.heldBytes === 0) return;
    this.#holders.push(connection);
    this.#heldBytes += connection.heldBytes;
  }

  /** Whether the client has read enough since its timer started; if so, restarts the timer. */
  #hasRead(connection: Connection, waited: number): boolean {
    const unwritten = connection.channel.unwrittenBytes;
    if (!this.#hasProgress(connection, connection.unwrittenSeen - unwritten, waited)) return false;
    connection.unwrittenSeen = unwritten;
    return true;
  }

  /** The same for the bytes that it sends of an unfinished request. */
  #hasSent(connection: Connection, waited: number): boolean {
    const arrived = connection.arrivedBytes;
    if (!this.#hasProgress(connection, arrived - connection.arrivedSeen, waited)) return false;
    connection.arrivedSeen = arrived;
    return true;
  }

  #hasProgress(connection: Connection, bytes: number, waited: number): boolean {
    connection.rate = bytes / Math.max(1, waited);
    if (connection.rate < LEAST_BYTES_PER_SECOND) return false;
    connection.activeAt = this.clock.now;
    return true;
  }

  /** Closes the slowest clients until the others hold no more than their limit. */
  #closeHolders(): void {
    const limit = this.settings.heldLimitBytes ?? Number.POSITIVE_INFINITY;
    this.#holders.sort((one, other) => one.activeAt - other.activeAt || one.rate - other.rate);
    const fastest = this.#holders.at(-1);
    for (const connection of this.#holders) {
      if (this.#heldBytes <= limit) return;
      // A single value may exceed this thread's share: it is accepted as long as bytes arrive.
      if (connection === fastest && !connection.isWriting && connection.activeAt === this.clock.now) return;
      this.#heldBytes -= connection.heldBytes;
      this.metrics.add(TRANSPORT_METRICS.held_closes, 1);
      const act = connection.isWriting ? 'reads' : 'sends its value';
      connection.close(`the client ${act} slowly, and others wait for the memory`);
    }
  }

  #closeAfter(connection: Connection, waited: number, limit: number, counter: MetricId): void {
    if (limit === 0 || waited < limit) return;
    this.metrics.add(counter, 1);
    connection.close(reasonOf(counter));
  }
}

function reasonOf(counter: MetricId): CloseReason {
  if (counter === TRANSPORT_METRICS.write_timeouts) return 'the client did not read its replies';
  if (counter === TRANSPORT_METRICS.ssl_handshake_errors) return 'the client did not finish its TLS handshake';
  if (counter === TRANSPORT_METRICS.value_timeouts) return 'the client stalled inside a request';
  return 'it was idle for too long';
}
