// Clients that offer a rate of gets and sleep in between, so that they leave the processors to the server. A time is from sending to the reply.

import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { pause } from '../host/servers.js';
import { Latency } from '../load/latency.js';

const TURN_MS = 1;
const LINE_FEED = 10;
const LAST_REPLIES_MS = 50;
const REQUEST = 'get k\r\n';
const VALUE_BYTES = 100;

interface Client {
  readonly socket: Socket;
  sentAt: number;
}

export class PacedGets {
  readonly #clients: Client[] = [];
  #idle: Client[] = [];
  #latency = new Latency();

  static async connect(port: number, connections: number): Promise<PacedGets> {
    const gets = new PacedGets();
    for (let index = 0; index < connections; index++) {
      const socket = createConnection(port, '127.0.0.1').setNoDelay();
      await once(socket, 'connect');
      gets.#add({ socket, sentAt: 0 });
    }
    const [{ socket }] = gets.#clients;
    socket.write(`set k 0 0 ${VALUE_BYTES} noreply\r\n${'x'.repeat(VALUE_BYTES)}\r\n`);
    return gets;
  }

  #add(client: Client): void {
    this.#clients.push(client);
    this.#idle.push(client);
    client.socket.on('data', (reply: Buffer) => {
      if (reply.at(-1) !== LINE_FEED) return;
      this.#latency.record(performance.now() - client.sentAt);
      this.#idle.push(client);
    });
  }

  /** The times of the gets that were sent within some seconds. */
  async run(seconds: number, perSecond: number): Promise<Latency> {
    this.#latency = new Latency();
    const startedAt = performance.now();
    let sent = 0;
    for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - startedAt) {
      const due = Math.floor((elapsed * perSecond) / 1000);
      for (; sent < due; sent++) this.#send(this.#idle.shift());
      await pause(TURN_MS);
    }
    await pause(LAST_REPLIES_MS);
    return this.#latency;
  }

  /** Undefined while all clients wait: their long times are in the figures already. */
  #send(client: Client | undefined): void {
    if (client === undefined) return;
    client.sentAt = performance.now();
    client.socket.write(REQUEST);
  }

  close(): void {
    for (const { socket } of this.#clients) socket.destroy();
  }
}
