// The certificates of the epoll transport, as one of the threads sees them. A cell of shared memory has the address of OpenSSL's context
// for new connections; a thread that loads other certificates replaces it. The old context is freed later, when no thread can be about
// to use it: app/threads/retired-certificates.ts.

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

  /** Reads the files and returns the previous context, or 0. On a TlsError, whose line names the file and the reason, nothing changes. */
  load(): SslContext {
    const context = makeServerContext(this.openssl, this.settings);
    Atomics.store(this.cells, LOADED_AT, BigInt(Date.now()));
    return Number(Atomics.exchange(this.cells, CONTEXT, BigInt(context))) as SslContext;
  }

  /** For a new client. */
  newSsl(): Ssl {
    return this.openssl.newSsl(Number(Atomics.load(this.cells, CONTEXT)) as SslContext);
  }
}
