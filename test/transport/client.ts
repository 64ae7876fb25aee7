// A client for tests: sends bytes, collects replies, and waits for events, never for a fixed time.

import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** The address to connect to; with `tls` the client uses TLS. */
export type Target = NetConnectOpts & { readonly tls?: ConnectionOptions | undefined };

export class TestClient {
  readonly socket: Socket;
  /** The same socket, or the one beneath TLS. */
  readonly #plain: Socket;
  received = 0;
  error: string | undefined;
  isClosed = false;
  /** Resolves when the handshake is done, with TLS. */
  isReady = false;
  hasEnded = false;
  readonly #chunks: Buffer[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(target: Target, { reads = true, allowHalfOpen = false } = {}) {
    const { tls, ...place } = target;
    const options = { ...place, allowHalfOpen } as NetConnectOpts;
    this.#plain = createConnection(options);
    this.socket = tls === undefined ? this.#plain : connectTls({ ...tls, socket: this.#plain });
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.#note(() => (this.error = error.code ?? 'error')));
    this.socket.on('close', () => this.#note(() => (this.isClosed = true)));
    this.socket.on('end', () => this.#note(() => (this.hasEnded = true)));
    const ready = tls === undefined ? 'connect' : 'secureConnect';
    this.socket.on(ready, () => this.#note(() => (this.isReady = true)));
    if (reads) this.read();
  }

  static async connect(target: Target, options?: { reads?: boolean; allowHalfOpen?: boolean }) {
    const client = new TestClient(target, options);
    await client.until(() => client.isReady || client.isClosed);
    return client;
  }

  read(): void {
    this.socket.on('data', (chunk) =>
      this.#note(() => {
        this.#chunks.push(chunk);
        this.received += chunk.length;
      }),
    );
  }

  send(text: string | Uint8Array): void {
    if (typeof text === 'string') this.socket.write(text, 'latin1');
    else this.socket.write(text);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** The bytes received since the last call, once they end as expected. */
  async expectEnd(ending: string): Promise<string> {
    await this.until(() => this.text.endsWith(ending));
    const text = this.text;
    this.#chunks.length = 0;
    this.received = 0;
    return text;
  }

  async ask(request: string, ending: string): Promise<string> {
    this.send(request);
    return this.expectEnd(ending);
  }

  closed(): Promise<void> {
    return this.until(() => this.isClosed);
  }

  /** Fails when the connection is closed before the condition holds. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const isMet = condition();
        if (!isMet && !this.isClosed) return;
        this.#waiters.delete(check);
        if (isMet) resolve();
        else reject(new Error(`closed (${this.error ?? 'without an error'}) after ${this.received} bytes`));
      };
      this.#waiters.add(check);
      check();
    });
  }

  reset(): void {
    this.#plain.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #note(change: () => void): void {
    change();
    for (const waiter of [...this.#waiters]) waiter();
  }
}

/** Waits for a condition of the server by letting the event loop turn, up to the test's timeout. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}
