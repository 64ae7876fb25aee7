// One client of the target over sockets: sends its requests in batches and pieces, sometimes reads slowly, closes its half, or disconnects
// in the middle of a request; then checks the replies against the model.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { WireModel } from './model.js';
import { checkReplies } from './replies.js';
import type { Draw } from './request-parts.js';
import type { WireRequest } from './requests.js';

/** A server that sends nothing for this long is assumed to hang. */
const SILENCE_MS = 20_000;

/** Many tiny pieces take long and find little more. */
const MOST_PIECES = 200;

/** Requests that disconnecting clients leave unfinished; none may have an effect. */
const UNFINISHED = [
  'get ',
  'get a',
  'set gone 0 0 100000\r\nabc',
  'set gone 0 0 10\r\nabc',
  '\x80\x01\r\nflush_all\r\n',
  'delete a',
  'flush_all',
];

export interface SocketClientParts {
  readonly port: number;
  readonly draw: Draw;
  readonly model: WireModel;
  /** The reply to `version`; no other reply may end like this. */
  readonly versionLine: string;
}

export class SocketClient {
  #socket: Socket | undefined;
  #reply: Buffer[] = [];
  #length = 0;
  #tail = '';
  #error: Error | undefined;

  constructor(private readonly parts: SocketClientParts) {}

  async run(requests: readonly WireRequest[]): Promise<void> {
    const { draw } = this.parts;
    for (let at = 0; at < requests.length; ) {
      const count = 1 + draw(draw(4) === 0 ? 400 : 60);
      await this.#batch(requests.slice(at, at + count));
      at += count;
    }
    this.#socket?.destroy();
  }

  async #batch(requests: readonly WireRequest[]): Promise<void> {
    const { draw, model, versionLine } = this.parts;
    const socket = await this.#connected();
    const isLast = draw(6) === 0;
    const sentinel: WireRequest = { kind: 'fixed', text: 'version\r\n', reply: versionLine };
    const sent = isLast ? requests : [...requests, sentinel];
    const isSlow = draw(6) === 0;
    if (isSlow) socket.pause();
    const sending = this.#send(socket, sent.map(({ text }) => text).join(''), isLast);
    if (isSlow) await delay(draw(80)).then(() => socket.resume());
    await sending;
    await this.#received(socket, isLast);
    checkReplies(sent, Buffer.concat(this.#reply).toString('latin1'), model);
    this.#forgetReply();
    if (isLast) this.#socket = undefined;
    else if (draw(12) === 0) await this.#vanish(socket);
  }

  async #vanish(socket: Socket): Promise<void> {
    const { draw } = this.parts;
    socket.write(Buffer.from(UNFINISHED[draw(UNFINISHED.length)], 'latin1'));
    await delay(draw(10));
    this.#socket = undefined;
    if (draw(2) === 0) socket.resetAndDestroy();
    else socket.destroy();
    this.#forgetReply();
  }

  async #send(socket: Socket, text: string, isLast: boolean): Promise<void> {
    const { draw } = this.parts;
    const bytes = Buffer.from(text, 'latin1');
    const most = [20, 1500, 70_000][draw(3)];
    for (let at = 0, pieces = 0; at < bytes.length; pieces++) {
      const length = pieces > MOST_PIECES ? bytes.length : 1 + draw(most);
      if (!socket.write(bytes.subarray(at, at + length))) await delay(1);
      at += length;
      if (draw(8) === 0) await new Promise(setImmediate);
    }
    if (isLast) socket.end();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket !== undefined) return this.#socket;
    const { draw, port, versionLine } = this.parts;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: draw(2) === 0 });
    await once(socket, 'connect');
    socket.on('data', (chunk) => {
      if (this.#socket !== socket) return;
      this.#reply.push(chunk);
      this.#length += chunk.length;
      const { length } = versionLine;
      this.#tail = (this.#tail + chunk.subarray(-length).toString('latin1')).slice(-length);
    });
    socket.on('error', (error) => {
      if (this.#socket === socket) this.#error = error;
    });
    this.#socket = socket;
    return socket;
  }

  /** Waits until the reply is complete: it ends with the version, or the server has closed its side too. */
  async #received(socket: Socket, isLast: boolean): Promise<void> {
    let length = -1;
    let quietSince = performance.now();
    while (!socket.readableEnded) {
      if (this.#error !== undefined) throw this.#error;
      if (!isLast && this.#tail === this.parts.versionLine) return;
      if (this.#length !== length) {
        length = this.#length;
        quietSince = performance.now();
      } else if (performance.now() - quietSince > SILENCE_MS) {
        throw new Error(`no reply for ${SILENCE_MS} ms, after ${length} bytes`);
      }
      await delay(1);
    }
    if (!isLast) throw new Error('the server closed before all requests were answered');
    socket.destroy();
  }

  #forgetReply(): void {
    this.#reply = [];
    this.#length = 0;
    this.#tail = '';
  }
}
