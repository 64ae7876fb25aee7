// The context that new connections are made of, known to all threads by one cell of shared memory: whoever has loaded other
// certificates puts their context there. Not for freeing the one before it, which waits until no thread can be about to use it.

import type { SslContext } from './openssl.js';

const CONTEXT = 0;
/** Milliseconds since 1970. */
const LOADED_AT = 1;

export type ContextCells = BigInt64Array<SharedArrayBuffer>;

export class ContextCell {
  constructor(readonly cells: ContextCells = new BigInt64Array(new SharedArrayBuffer(16))) {}

  get current(): SslContext {
    return Number(Atomics.load(this.cells, CONTEXT)) as SslContext;
  }

  /** When its certificates were loaded. */
  get loadedAtMs(): number {
    return Number(Atomics.load(this.cells, LOADED_AT));
  }

  /** Returns the one before it. */
  replace(context: SslContext): SslContext {
    Atomics.store(this.cells, LOADED_AT, BigInt(Date.now()));
    return Number(Atomics.exchange(this.cells, CONTEXT, BigInt(context))) as SslContext;
  }
}
