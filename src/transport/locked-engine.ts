// An engine among several on the same data: holds their lock while a batch is served, and only then. An error inside stops all
// of them rather than let the others go on with what may be torn. Not for what a batch is.

import type { Activity } from '../base/activity.js';
import { InvariantError } from '../base/assert.js';
import type { Lock } from '../base/lock.js';
import type { ReplyParts } from '../protocols/reply-parts.js';
import type { EngineRun } from '../protocols/run.js';
import type { ByteWindow, EngineSession, RequestEngine } from './request-engine.js';

/** What is to be looked at before each batch, with the lock held. */
export interface BatchWatch {
  beforeBatch(): void;
}

/** @perThread */
export class LockedEngine<Session extends EngineSession> implements RequestEngine<Session> {
  constructor(
    private readonly engine: RequestEngine<Session>,
    private readonly lock: Lock,
    private readonly watch: BatchWatch | undefined,
    private readonly activity: Activity,
  ) {}

  get input(): ByteWindow {
    return this.engine.input;
  }

  get output(): ByteWindow {
    return this.engine.output;
  }

  useOutput(at: number, size: number, parts?: ReplyParts): void {
    this.engine.useOutput(at, size, parts);
  }

  releaseParts(parts: ReplyParts): void {
    this.exclusively(() => this.engine.releaseParts(parts));
  }

  open(): Session {
    return this.engine.open();
  }

  runAll(runs: readonly EngineRun<Session>[], first: number, end: number): number {
    let served: number;
    this.lock.acquire();
    this.activity.beginBatch();
    try {
      this.watch?.beforeBatch();
      served = this.engine.runAll(runs, first, end);
    } catch (error) {
      this.#fail(error);
    }
    this.activity.endBatch();
    this.lock.release();
    return served;
  }

  close(session: Session): void {
    this.exclusively(() => this.engine.close(session));
  }

  /** Does something else with the data while no batch is being served. */
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
