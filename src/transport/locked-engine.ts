// The protocols of one of several threads that share the data: holds the threads' lock only while a batch is served. An error while it is
// held stops all threads, since the data may be inconsistent.

import type { Activity } from '../base/activity.js';
import { InvariantError } from '../base/assert.js';
import type { Lock } from '../base/lock.js';
import type { Protocol, ProtocolWindows } from '../protocols/protocol.js';
import type { ReplyParts } from '../protocols/reply-parts.js';
import type { ProtocolRun, ProtocolSession } from '../protocols/run.js';
import type { ByteWindow, RequestEngine } from './request-engine.js';

/** Work before each batch, with the lock held. */
export interface BatchWatch {
  beforeBatch(): void;
}

/** @perThread */
export class LockedEngine implements RequestEngine {
  constructor(
    private readonly windows: ProtocolWindows,
    readonly protocols: readonly Protocol[],
    private readonly lock: Lock,
    private readonly watch: BatchWatch | undefined,
    private readonly activity: Activity,
  ) {}

  get input(): ByteWindow {
    return this.windows.input;
  }

  get output(): ByteWindow {
    return this.windows.output;
  }

  useOutput(at: number, size: number, parts?: ReplyParts): void {
    this.windows.useOutput(at, size, parts);
  }

  releaseParts(parts: ReplyParts): void {
    this.exclusively(() => this.windows.releaseParts(parts));
  }

  runAll(protocol: Protocol, runs: readonly ProtocolRun[], first: number, end: number): number {
    let served: number;
    this.lock.acquire();
    this.activity.beginBatch();
    try {
      this.watch?.beforeBatch();
      served = protocol.runAll(runs, first, end);
    } catch (error) {
      this.#fail(error);
    }
    this.activity.endBatch();
    this.lock.release();
    return served;
  }

  close(protocol: Protocol, session: ProtocolSession): void {
    this.exclusively(() => protocol.close(session));
  }

  /** Runs other work on the data, with the lock held. */
  exclusively<Result>(work: () => Result): Result {
    let result: Result;
    this.lock.acquire();
    this.activity.beginUpkeep();
    try {
      result = work();
    } catch (error) {
      this.#fail(error);
    }
    this.activity.endUpkeep();
    this.lock.release();
    return result;
  }

  #fail(error: unknown): never {
    this.lock.break();
    if (error instanceof InvariantError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvariantError(`a request failed in the middle of its work: ${reason}`, { cause: error });
  }
}
