// The wire target over sockets: several clients of a server process, each with keys of its own, send random requests in pieces, read
// slowly now and then, close their half, or vanish in the middle; the model tells what each must be answered. Not for the engine alone.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkReplies, WireMismatch } from './in-process.js';
import { WireModel } from './model.js';
import { Grammar, type GrammarOptions, type Random, randomFrom, type WireRequest } from './requests.js';

export interface SocketRun {
  readonly port: number;
  readonly seed: number;
  readonly clients: number;
  readonly version: string;
  readonly itemLimit: number;
  readonly mayEvict: boolean;
  /** Told after each batch; false ends the run. */
  readonly goesOn: (requests: number) => boolean;
}

/** A server that says nothing for so long hangs. */
const SILENCE_MS = 20_000;

/** Resolves with the number of requests answered right; rejects at the first that was not. */
export async function runClients(run: SocketRun): Promise<number> {
  let requests = 0;
  const clients = Array.from({ length: run.clients }, (_, index) => new FuzzClient(run, index));
  await Promise.all(
    clients.map(async (client) => {
      try {
        for (;;) {
          const answered = await client.batch();
          requests += answered;
          if (!run.goesOn(answered)) return;
        }
      } finally {
        client.end();
      }
    }),
  );
  return requests;
}

class FuzzClient {
  readonly #random: Random;
  readonly #model: WireModel;
  readonly #grammar: Grammar;
  readonly #sentinel: string;
  #socket: Socket | undefined;
  #reply: Buffer[] = [];
  #length = 0;
  #tail = '';
  #error: Error | undefined;

  constructor(
    private readonly run: SocketRun,
    index: number,
  ) {
    this.#random = randomFrom(run.seed * 1000 + index);
    this.#model = new WireModel(run);
    const options: GrammarOptions = {
      prefix: String.fromCharCode(0x61 + index),
      keys: 16 + this.#random(200),
      longestValue: index % 3 === 0 ? 250_000 : 6000,
      itemLimit: run.itemLimit,
      isAlone: false,
      version: undefined,
      mayEvict: run.mayEvict,
    };
    this.#grammar = new Grammar(this.#random, options, (key) => this.#model.knownToken(key));
    this.#sentinel = `VERSION ${run.version}\r\n`;
  }

  /** Sends some requests and checks their replies; answers how many. */
  async batch(): Promise<number> {
    const random = this.#random;
    const requests = Array.from({ length: 1 + random(random(4) === 0 ? 400 : 60) }, () => this.#grammar.next());
    const socket = await this.#connected();
    const dice = random(20);
    if (dice === 0) return this.#vanish(socket);
    const isLast = dice < 4;
    if (!isLast) requests.push(this.#versionRequest());
    const text = requests.map((request) => request.text).join('');
    const isSlow = random(6) === 0;
    if (isSlow) socket.pause();
    const sent = this.#send(socket, text, isLast);
    if (isSlow) {
      await delay(random(80));
      socket.resume();
    }
    await sent;
    await this.#received(isLast ? undefined : this.#sentinel);
    checkReplies(requests, Buffer.concat(this.#reply).toString('latin1'), this.#model);
    this.#forgetReply();
    if (isLast) this.#socket = undefined;
    return requests.length;
  }

  end(): void {
    this.#socket?.destroy();
  }

  #versionRequest(): WireRequest {
    return { kind: 'fixed', text: 'version\r\n', reply: this.#sentinel };
  }

  /** Leaves in the middle of a value, a line or a reply; nothing of that may be seen later. */
  async #vanish(socket: Socket): Promise<number> {
    const key = `${String.fromCharCode(0x61)}gone`;
    const cut = [
      'get ',
      `get ${key}`,
      `set ${key} 0 0 100000\r\nabc`,
      `set ${key} 0 0 10\r\nabc`,
      '\x80\x01\r\nflush_all\r\n',
    ];
    const text = cut[this.#random(cut.length)] as string;
    socket.write(Buffer.from(text, 'latin1'));
    await delay(this.#random(10));
    if (this.#random(2) === 0) socket.resetAndDestroy();
    else socket.destroy();
    this.#forgetReply();
    this.#socket = undefined;
    return 0;
  }

  async #send(socket: Socket, text: string, isLast: boolean): Promise<void> {
    const random = this.#random;
    const bytes = Buffer.from(text, 'latin1');
    const most = [20, 1500, 70_000][random(3)] as number;
    let pieces = 0;
    for (let at = 0; at < bytes.length; ) {
      // Many tiny pieces take long and show little more.
      const length = pieces++ > 200 ? 70_000 : 1 + random(most);
      if (!socket.write(bytes.subarray(at, at + length))) await delay(1);
      at += length;
      if (random(8) === 0) await new Promise(setImmediate);
    }
    if (isLast) socket.end();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({
      port: this.run.port,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: this.#random(2) === 0,
    });
    await once(socket, 'connect');
    socket.on('data', (chunk) => {
      this.#reply.push(chunk);
      this.#length += chunk.length;
      this.#tail = (this.#tail + chunk.subarray(-this.#sentinel.length).toString('latin1')).slice(
        -this.#sentinel.length,
      );
    });
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#error = error;
    });
    this.#socket = socket;
    return socket;
  }

  /** Until the reply ends with a line, or the server has closed. */
  async #received(lastLine: string | undefined): Promise<void> {
    let length = -1;
    let quietSince = performance.now();
    const socket = this.#socket as Socket;
    for (;;) {
      if (this.#error !== undefined) throw new WireMismatch(`seed ${this.run.seed}: ${this.#error.message}`);
      if (socket.readableEnded) break;
      if (lastLine !== undefined && this.#tail === lastLine) return;
      if (this.#length !== length) {
        length = this.#length;
        quietSince = performance.now();
      } else if (performance.now() - quietSince > SILENCE_MS) {
        throw new WireMismatch(`seed ${this.run.seed}: no reply for ${SILENCE_MS} ms after ${this.#length} bytes`);
      }
      await delay(1);
    }
    if (lastLine !== undefined) throw new WireMismatch(`seed ${this.run.seed}: the server closed before all replies`);
    socket.destroy();
  }

  #forgetReply(): void {
    this.#reply = [];
    this.#length = 0;
    this.#tail = '';
  }
}

/** What the server calls its version. */
export async function versionOf(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write('version\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString('latin1').trim().replace('VERSION ', '');
}
