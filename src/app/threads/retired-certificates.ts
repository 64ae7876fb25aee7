// Frees certificates that were replaced, once each data thread has said that it is not about to make a connection of them. Not for those
// in use; connections that were made of the old ones hold on to them by themselves.

import type { Openssl, SslContext } from '../../transport/tls/openssl.js';

export class RetiredCertificates {
  /** How many threads have yet to answer. */
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
