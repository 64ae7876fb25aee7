// A plain client for tests of the server: sends requests unchanged, followed by `version`, whose reply marks the end of theirs.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

const MARK = /VERSION [^\r\n]+\r\n$/;

export class LineClient implements Disposable {
  readonly #socket: Socket;
  #received = '';
  #waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket.setEncoding('latin1').setNoDelay();
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error(`the server closed the connection after ${this.#received}`)));
  }

  static async connect(place: number | string): Promise<LineClient> {
    const socket = typeof place === 'number' ? createConnection(place, '127.0.0.1') : createConnection(place);
    await once(socket, 'connect');
    return new LineClient(socket);
  }

  /** The reply to complete requests that end in CR LF; characters are bytes. */
  ask(requests: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${requests}version\r\n`, 'latin1');
    });
  }

  /** The value in the reply to `get`, or the whole reply when there is none. */
  async get(key: string): Promise<string> {
    const reply = await this.ask(`get ${key}\r\n`);
    const head = /^VALUE \S+ \d+ (\d+)\r\n/.exec(reply);
    if (head === null) return reply.replace(/\r\n$/, '');
    return reply.slice(head[0].length, head[0].length + Number(head[1]));
  }

  /** The reply line of a storage command. */
  async set(key: string, block: string): Promise<string> {
    return (await this.ask(`set ${key} 0 0 ${block.length}\r\n${block}\r\n`)).replace(/\r\n$/, '');
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    // Only the last bytes are searched, since replies may be long.
    if (!MARK.test(this.#received.slice(-40))) return;
    const reply = this.#received.replace(MARK, '');
    this.#received = '';
    this.#waiting?.resolve(reply);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }
}
