// The certificates of the epoll transport, as one of the threads sees them. New connections are made of the context whose address is in
// a cell of shared memory: whichever thread loads other certificates puts theirs there. Not for freeing the context before it, which
// has to wait until no thread can be about to use it.

import type { Openssl, Ssl, SslContext } from './openssl.js';
import { makeServerContext } from './server-context.js';
import type { TlsSettings } from './tls-settings.js';

const CONTEXT = 0;
/** Milliseconds since 1970. */
const LOADED_AT = 1;

export type CertificateCells = BigInt64Array<SharedArrayBuffer>;

export function makeCertificateCells(): CertificateCells {
  return new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT));
}

export class Certificates {
  constructor(
    readonly openssl: Openssl,
    readonly settings: TlsSettings,
    private readonly cells: CertificateCells,
  ) {}

  get loadedAtMs(): number {
    return Number(Atomics.load(this.cells, LOADED_AT));
  }

  /** Reads the files; a TlsError says in one line what cannot be used, and all stays as it was. Returns the context before, or 0. */
  load(): SslContext {
    const context = makeServerContext(this.openssl, this.settings);
    Atomics.store(this.cells, LOADED_AT, BigInt(Date.now()));
    return Number(Atomics.exchange(this.cells, CONTEXT, BigInt(context))) as SslContext;
  }

  /** For a client that has just come. */
  newSsl(): Ssl {
    return this.openssl.newSsl(Number(Atomics.load(this.cells, CONTEXT)) as SslContext);
  }
}
