// Drives a round's connections over Node's sockets: the client for systems without epoll or koffi. It uses more CPU than the
// other, so check its load share.

import { connect, type Socket } from 'node:net';
import type { Driver } from './driver.js';
import type { Lane, RequestSource } from './source.js';

export class NetClient {
  #sockets: Socket[] = [];
  #settle: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  readonly #idle: number[] = [];

  constructor(
    private readonly driver: Driver,
    private readonly source: RequestSource,
    private readonly port: number,
  ) {}

  async drive(seconds: number): Promise<number> {
    if (this.#sockets.length === 0) await this.#connectAll();
    const startedAt = performance.now();
    this.driver.start(startedAt, seconds);
    await new Promise<void>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      this.#idle.length = 0;
      for (let index = 0; index < this.#sockets.length; index++) this.#next(index, performance.now());
      if (this.driver.isOpenLoop) this.#poll();
    });
    return performance.now() - startedAt;
  }

  close(): void {
    this.#fail = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connectAll(): Promise<void> {
    this.#sockets = await Promise.all(this.driver.lanes.map((lane) => this.#connect(lane)));
  }

  #connect(lane: Lane): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
      let rest: Buffer | undefined;
      socket.once('connect', () => resolve(socket));
      socket.on('error', (error) => (this.#fail ?? reject)(error));
      socket.on('close', () => this.#fail?.(new Error('the server closed a connection')));
      socket.on('data', (chunk: Buffer) => {
        const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
        const used = lane.replies.count(bytes, 0, bytes.length);
        rest = used < bytes.length ? bytes.subarray(used) : undefined;
        const now = performance.now();
        if (!this.driver.finish(lane, now)) return;
        this.#next(this.#sockets.indexOf(socket), now);
        if (this.driver.busyLanes === 0 && this.driver.isOver(now)) this.#settle?.();
      });
    });
  }

  #poll(): void {
    const now = performance.now();
    while (this.#idle.length > 0) {
      const index = this.#idle[this.#idle.length - 1];
      if (!this.#begin(index, now)) break;
      this.#idle.length--;
    }
    if (this.driver.busyLanes === 0 && this.driver.isOver(now)) this.#settle?.();
    else setImmediate(() => this.#poll());
  }

  #next(index: number, now: number): void {
    if (!this.#begin(index, now) && this.driver.isOpenLoop) this.#idle.push(index);
  }

  #begin(index: number, now: number): boolean {
    const lane = this.driver.lanes[index];
    if (!this.driver.begin(lane, now)) return false;
    this.#sockets[index]?.write(this.source.bytes.subarray(lane.from, lane.to));
    lane.from = lane.to;
    return true;
  }
}
