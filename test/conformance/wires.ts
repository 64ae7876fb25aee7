// The ways to reach a server, as a parameter of tests that must pass over each of them, and a client that sends bytes and waits for bytes.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { type ServerProcess, startProcess } from '../app/server-process.js';
import { certificateFolder, issue, keyText } from '../transport/tls/certificates.js';

/** The time after which a reply counts as missing. */
const PATIENCE_MS = 2000;

/** A running server and how to connect to it. */
export interface Served extends AsyncDisposable {
  readonly process: ServerProcess;
  connect(): Promise<WireClient>;
}

export interface Wire {
  readonly name: string;
  serve(flags?: readonly string[]): Promise<Served>;
}

const TCP: Wire = {
  name: 'TCP',
  async serve(flags = []) {
    const process = await startProcess(['-t', '1', ...flags]);
    return {
      process,
      connect: () => WireClient.on(connect(process.port, '127.0.0.1')),
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    };
  },
};

const UNIX: Wire = {
  name: 'a Unix socket',
  async serve(flags = []) {
    const folder = mkdtempSync(join(tmpdir(), 'wire-'));
    const path = join(folder, 'socket');
    const process = await startProcess(['-t', '1', '-s', path, ...flags]);
    return {
      process,
      connect: () => WireClient.on(connect(path)),
      async [Symbol.asyncDispose]() {
        await process[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

/** The same server with TLS, which cuts and joins requests in its own way. */
export const TLS_WIRE: Wire = {
  name: 'TLS',
  async serve(flags = []) {
    const folder = certificateFolder();
    const certificate = issue({ name: 'server' });
    const chain = folder.put('chain.pem', certificate.certificate);
    const key = folder.put('key.pem', keyText(certificate));
    const process = await startProcess(['-t', '1', '-Z', '-o', `ssl_chain_cert=${chain},ssl_key=${key}`, ...flags]);
    const target = { port: process.port, host: '127.0.0.1', ca: [certificate.certificate] };
    return {
      process,
      connect: () => WireClient.on(connectTls(target), 'secureConnect'),
      async [Symbol.asyncDispose]() {
        await process[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      },
    };
  },
};

/** The wires over which every command is cut at every byte: TLS, which takes twenty seconds more, only in the long tests. */
export const WIRES: readonly Wire[] = process.env.LONG_TESTS ? [TCP, UNIX, TLS_WIRE] : [TCP, UNIX];
export const PLAIN_WIRE = TCP;

export class WireClient implements Disposable {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #isEnded = false;
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  static async on(socket: Socket, ready = 'connect'): Promise<WireClient> {
    await once(socket, ready);
    return new WireClient(socket);
  }

  /** Whether the server has closed the connection. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  send(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#isEnded) this.#socket.write(bytes);
  }

  /** Returns the received bytes as soon as they are enough, when the server has closed, or when no more arrive. */
  async take(isEnough: (received: Buffer) => boolean, patienceMs = PATIENCE_MS): Promise<Buffer> {
    let isLate = false;
    while (!isEnough(this.#received) && !this.#isEnded && !isLate) {
      isLate = await this.#waitForMore(patienceMs);
    }
    const received = this.#received;
    this.#received = Buffer.alloc(0);
    return received;
  }

  /** Closes our sending side and returns the rest of the server's bytes. */
  async finish(): Promise<Buffer> {
    if (!this.#isEnded) this.#socket.end();
    return await this.take(() => false);
  }

  async untilEnded(): Promise<boolean> {
    while (!this.#isEnded) {
      if (await this.#waitForMore(PATIENCE_MS)) break;
    }
    return this.#isEnded;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  /** Whether nothing arrived within the time. */
  #waitForMore(patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), patienceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}
