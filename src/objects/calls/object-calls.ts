// Entry point of object calls for src/operations: is this key a call, and what is its outcome?

import type { ReplyText } from '../../base/reply-text.js';
import { describeCacheismo } from '../keys/introspection.js';
import { UnknownCalls } from '../keys/unknown-calls.js';
import { VirtualKey, type VirtualKeyOptions } from '../keys/virtual-key.js';
import type { RegisteredMethod } from '../types/registered-type.js';
import type { Registry } from '../types/registry.js';
import type { CallOutcome } from './call-result.js';
import { type DataBlock, Invocation, type InvocationParts } from './invocation.js';
import { WholeObjects } from './json-view.js';
import { PortableObjects } from './portable-objects.js';

interface ObjectCallsParts extends InvocationParts {
  readonly virtualKeys: VirtualKeyOptions;
  /** Whether clients may list keys by `cacheismo:keys`; true by default. */
  readonly keysListed?: boolean;
}

/** @perThread */
export class ObjectCalls {
  readonly registry: Registry;
  readonly invocation: Invocation;
  readonly replyText: ReplyText;
  /** Callers resolve a key before `retrieve` or `store`, which call the method of the key resolved last. */
  readonly virtual: VirtualKey;
  /** For dumps. */
  readonly portable: PortableObjects;
  private readonly whole: WholeObjects;
  readonly #data: { at: number; length: number; source: Uint8Array | undefined } = {
    at: 0,
    length: 0,
    source: undefined,
  };

  constructor(parts: ObjectCallsParts) {
    this.registry = parts.registry;
    this.replyText = parts.replyText;
    this.invocation = new Invocation(parts);
    const unknown = new UnknownCalls({ ...parts, isError: parts.virtualKeys.prefixRequired });
    this.virtual = new VirtualKey(parts.arena.bytes, parts.registry, parts.virtualKeys, unknown);
    const { context, budget, spans } = this.invocation;
    this.whole = new WholeObjects(parts, context, budget, spans);
    this.portable = new PortableObjects(parts, budget, spans);
    if (parts.virtualKeys.enabled)
      this.registry.installBuiltIn(describeCacheismo(parts, this.registry, this.invocation.suspensions));
  }

  /** The method of the key that `virtual` resolved last. */
  get method(): RegisteredMethod {
    return this.virtual.method;
  }

  /** Calls the method of the key that `virtual` resolved last, for a retrieval command. `exptimeSeconds` is that of gat, 0 without. The
      outcome is valid until the next call. */
  retrieve(command: string, exptimeSeconds: number): CallOutcome {
    this.#noteRequest(command, 0, exptimeSeconds, false, undefined);
    return this.invocation.call(this.virtual, undefined, exptimeSeconds);
  }

  /** The same for a storage command. The data block is at `at` in the arena's bytes, or in `source`. */
  store(
    command: string,
    clientFlags: number,
    exptimeSeconds: number,
    noReply: boolean,
    at: number,
    length: number,
    source?: Uint8Array,
  ): CallOutcome {
    this.#noteRequest(command, clientFlags, exptimeSeconds, noReply, length);
    const data = this.#data;
    data.at = at;
    data.length = length;
    data.source = source;
    return this.invocation.call(this.virtual, data satisfies DataBlock, exptimeSeconds);
  }

  /** The content of the object at a key (arena bytes) as JSON; sets its expiry too if one is given. The outcome is valid until the
      next call. */
  content(keyAt: number, keyLength: number, expiresAt?: number): CallOutcome {
    return this.whole.content(keyAt, keyLength, expiresAt);
  }

  /** Sets the expiry (server second, 0 = never) of the object at a key; false when there is no memory for it. */
  touch(keyAt: number, keyLength: number, expiresAt: number): boolean {
    return this.whole.touch(keyAt, keyLength, expiresAt);
  }

  /** For scripts in the original's style and the built-in type, which alone see the request. */
  #noteRequest(
    command: string,
    clientFlags: number,
    exptimeSeconds: number,
    noReply: boolean,
    dataLength: number | undefined,
  ): void {
    const { virtual } = this;
    if (!virtual.method.seesRequest) return;
    const { request } = this.invocation.context;
    request.command = command;
    request.clientFlags = clientFlags;
    request.exptimeSeconds = exptimeSeconds;
    request.noReply = noReply;
    request.dataLength = dataLength;
    request.virtualAt = virtual.wholeAt;
    request.virtualLength = virtual.wholeLength;
  }
}
