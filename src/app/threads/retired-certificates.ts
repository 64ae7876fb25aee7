// Frees certificates that were replaced, once each data thread has confirmed that it is not about to make a connection with them. OpenSSL
// counts the references of connections that already use them.

import type { Openssl, SslContext } from '../../transport/tls/openssl.js';

export class RetiredCertificates {
  /** The number of threads that have yet to answer. */
  readonly #awaited = new Map<number, number>();

  constructor(
    private readonly openssl: Openssl,
    private readonly threads: number,
    /** Asks every thread to send the address back. */
    private readonly ask: (context: number) => void,
  ) {}

  retire(context: number): void {
    if (context === 0) return;
    this.#awaited.set(context, this.threads);
    this.ask(context);
  }

  onPassed(context: number): void {
    const left = (this.#awaited.get(context) ?? 0) - 1;
    if (left > 0) {
      this.#awaited.set(context, left);
      return;
    }
    if (this.#awaited.delete(context)) this.openssl.freeContext(context as SslContext);
  }
}
