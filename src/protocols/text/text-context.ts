// What a command gets to work with: the request, the connection's session, the store and the reply. One per engine,
// filled anew for each request. Not for sockets or for the engine's loop.

import type { Clock } from '../../base/clock.js';
import type { Metrics } from '../../base/metrics.js';
import { Unsigned64 } from '../../base/unsigned64.js';
import type { EngineOptions, Window } from '../../operations/operation-options.js';
import type { VirtualKeys } from '../../operations/virtual-keys.js';
import type { Store } from '../../store/store.js';
import { type ErrorId, NO_ERROR } from '../error-lines.js';
import { ReplyEncoder } from './reply-encoder.js';
import { TextParser } from './text-parser.js';
import { Request } from './text-request.js';
import { Session } from './text-session.js';

export interface ContextParts {
  /** The bytes in which all windows lie. */
  readonly bytes: Uint8Array;
  readonly scratch: Window;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: EngineOptions;
  readonly virtualKeys?: VirtualKeys;
}

/** @perThread */
export class CommandContext {
  readonly bytes: Uint8Array;
  readonly scratch: Window;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly options: EngineOptions;
  readonly virtualKeys: VirtualKeys | undefined;
  readonly request = new Request();
  readonly parser: TextParser;
  readonly reply: ReplyEncoder;
  /** For arithmetic. */
  readonly number = new Unsigned64();
  session = new Session();
  /** Where the input received so far ends. */
  inputEnd = 0;

  constructor(parts: ContextParts) {
    this.bytes = parts.bytes;
    this.scratch = parts.scratch;
    this.store = parts.store;
    this.clock = parts.clock;
    this.metrics = parts.metrics;
    this.options = parts.options;
    this.virtualKeys = parts.virtualKeys;
    this.parser = new TextParser(parts.bytes, this.request);
    this.reply = new ReplyEncoder(parts.bytes);
  }

  /** Answers with a fixed line, unless the client wants none. */
  answer(line: Uint8Array): void {
    if (!this.request.noreply) this.reply.line(line);
  }

  /** Answers with an error line, unless the client wants none. */
  refuse(error: ErrorId): void {
    if (!this.request.noreply && error !== NO_ERROR) this.reply.error(error);
  }

  answerEnd(): void {
    this.reply.end();
  }
}
