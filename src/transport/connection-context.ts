// State that all connections of a transport share.

import type { Metrics } from '../base/metrics.js';
import type { Batch } from './batch.js';
import type { Channel } from './channel.js';
import type { CloseReason } from './close-reason.js';
import type { Observed } from './connection-states.js';
import type { OutputBuffers } from './output-buffers.js';
import type { RequestEngine } from './request-engine.js';
import type { RunQueue } from './run-queue.js';
import type { TransportClock, TransportLog, WindowMemory } from './transport-options.js';

/** The part of a connection that this interface needs. */
interface Member extends Observed {
  readonly isLingering: boolean;
  readonly activeAt: number;
  readonly channel: Channel;
}

export interface ConnectionContext {
  readonly engine: RequestEngine;
  readonly memory: WindowMemory;
  /** The buffer that channels read into, with room before it for unfinished input. */
  readonly batch: Batch;
  readonly outputs: OutputBuffers;
  readonly turns: RunQueue;
  readonly metrics: Metrics;
  readonly clock: TransportClock;
  readonly log: TransportLog;
  /** The server is stopping: a connection without outstanding requests is closed. */
  readonly isDraining: boolean;
  /** Whether one more connection may linger until its client closes. */
  mayLinger(channel: Channel): boolean;
  onLingering(connection: Member): void;
  /** The connection's state may have changed. */
  noteState(connection: Member): void;
  /** The connection of this channel ends; the channel is still open. */
  onEnding(channel: Channel, reason: CloseReason): void;
  onClosed(connection: Member, descriptor: number, reason: CloseReason): void;
  onShutdown(graceful: boolean): void;
  onFatal(error: unknown): void;
}
