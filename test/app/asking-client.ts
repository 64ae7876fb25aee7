// A client that sends one request after another and returns complete replies, for tests with many simultaneous clients.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

export class AskingClient {
  #received = '';
  #wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
  }

  static async connect(port: number): Promise<AskingClient> {
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    return new AskingClient(socket);
  }

  /** The reply if it is one line, without its line end. */
  async line(request: string): Promise<string> {
    return (await this.until(request, /^[^\r]*\r\n/)).slice(0, -2);
  }

  /** The reply of a retrieval or a listing, up to END. */
  list(request: string): Promise<string> {
    return this.until(request, /(^|\r\n)END\r\n$/);
  }

  /** The value of a key, or undefined. */
  async get(key: string): Promise<string | undefined> {
    const reply = await this.list(`get ${key}\r\n`);
    const head = reply.indexOf('\r\n') + 2;
    if (!reply.startsWith('VALUE ')) return undefined;
    const length = Number(reply.slice(0, head).trimEnd().split(' ')[3]);
    return reply.slice(head, head + length);
  }

  set(key: string, value: string, ttlSeconds = 0): Promise<string> {
    return this.line(`set ${key} 0 ${ttlSeconds} ${value.length}\r\n${value}\r\n`);
  }

  async stat(name: string): Promise<number> {
    const rows = await this.list('stats\r\n');
    return Number(new RegExp(`STAT ${name} (\\S+)`).exec(rows)?.[1]);
  }

  get isClosed(): boolean {
    return this.socket.closed;
  }

  close(): void {
    this.socket.destroy();
  }

  /** Everything received until it matches. */
  async until(request: string, end: RegExp): Promise<string> {
    this.#received = '';
    this.socket.write(request, 'latin1');
    for (;;) {
      const tail = this.#received.length > 1000 ? this.#received.slice(-1000) : this.#received;
      if (end.test(tail)) return this.#received;
      if (this.socket.closed) throw new Error(`closed after ${JSON.stringify(request.slice(0, 50))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
