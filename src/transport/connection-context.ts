// What all connections of a transport share. Not for what belongs to one of them.

import type { Metrics } from '../base/metrics.js';
import type { Batch } from './batch.js';
import type { Channel } from './channel.js';
import type { CloseReason } from './close-reason.js';
import type { OutputBuffers } from './output-buffers.js';
import type { RequestEngine } from './request-engine.js';
import type { RunQueue } from './run-queue.js';
import type { TransportClock, TransportLog, WindowMemory } from './transport-options.js';

/** A connection, as far as this interface has to know it. */
interface Member {
  readonly isLingering: boolean;
}

export interface ConnectionContext {
  readonly engine: RequestEngine;
  readonly memory: WindowMemory;
  /** Where channels put what they read, with a headroom for kept input before it. */
  readonly batch: Batch;
  readonly outputs: OutputBuffers;
  readonly turns: RunQueue;
  readonly metrics: Metrics;
  readonly clock: TransportClock;
  readonly log: TransportLog;
  /** The server stops: a connection with nothing more to do is closed. */
  readonly isDraining: boolean;
  /** Whether one more connection may wait for its client to close. */
  mayLinger(channel: Channel): boolean;
  onLingering(connection: Member): void;
  onClosed(connection: Member, descriptor: number, reason: CloseReason): void;
  onShutdown(graceful: boolean): void;
  onFatal(error: unknown): void;
}
