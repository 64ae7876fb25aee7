// Drives a round's connections from one thread that waits in epoll_wait: the light client, which allocates nothing per
// batch. Linux only; other systems use net-client.ts.

import type { Driver } from './driver.js';
import {
  AF_INET,
  addressOf,
  EAGAIN,
  EINTR,
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  EVENT_DATA_WORD,
  EVENT_WORDS,
  errno,
  IPPROTO_TCP,
  libc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_STREAM,
  TCP_NODELAY,
} from './libc.js';
import { LONGEST_REPLY_LINE_BYTES } from './replies.js';
import type { Lane, RequestSource } from './source.js';

const READ_BYTES = 1 << 20;
const EVENTS = 256;
const STALL_MILLISECONDS = 10_000;

/** Edge-triggered: the kernel reports new input once, which saves it from checking each socket that has just been read. */
const READING = EPOLLIN + EPOLLET;

interface Connection {
  readonly fd: number;
  readonly lane: Lane;
  /** The start of a reply line whose end has not arrived. */
  readonly rest: Buffer;
  restBytes: number;
  waitsToWrite: boolean;
}

export class EpollClient {
  readonly #connections: Connection[];
  readonly #epoll = libc.epollCreate(0);
  readonly #events = Buffer.allocUnsafeSlow(EVENTS * EVENT_WORDS * 4);
  readonly #eventWords = new Uint32Array(this.#events.buffer, 0, EVENTS * EVENT_WORDS);
  readonly #eventsAt = addressOf(this.#events);
  readonly #control = Buffer.allocUnsafeSlow(16);
  readonly #read = Buffer.allocUnsafeSlow(LONGEST_REPLY_LINE_BYTES + READ_BYTES);
  readonly #readAt = addressOf(this.#read);
  readonly #bytesAt: number;
  readonly #idle: Connection[] = [];

  constructor(
    private readonly driver: Driver,
    source: RequestSource,
    port: number,
  ) {
    this.#bytesAt = addressOf(source.bytes);
    this.#connections = driver.lanes.map((lane, index) => {
      const connection = {
        fd: connectTo(port),
        lane,
        rest: Buffer.alloc(LONGEST_REPLY_LINE_BYTES),
        restBytes: 0,
        waitsToWrite: false,
      };
      this.#watch(EPOLL_CTL_ADD, connection.fd, READING, index);
      return connection;
    });
  }

  async drive(seconds: number): Promise<number> {
    const { driver } = this;
    const startedAt = performance.now();
    driver.start(startedAt, seconds);
    this.#idle.length = 0;
    for (const connection of this.#connections) this.#next(connection, performance.now());
    if (driver.isOpenLoop) this.#openLoop();
    else while (driver.busyLanes > 0) this.#turn(STALL_MILLISECONDS);
    return performance.now() - startedAt;
  }

  close(): void {
    for (const connection of this.#connections) libc.close(connection.fd);
    libc.close(this.#epoll);
  }

  /** Polls without sleeping: epoll_wait's milliseconds are too coarse for an offered rate. */
  #openLoop(): void {
    for (;;) {
      const now = performance.now();
      while (this.#idle.length > 0) {
        const connection = this.#idle[this.#idle.length - 1];
        if (!this.driver.begin(connection.lane, now)) break;
        this.#idle.length--;
        this.#send(connection);
      }
      if (this.driver.busyLanes > 0) this.#turn(0);
      else if (this.driver.isOver(now)) return;
    }
  }

  #turn(timeoutMilliseconds: number): void {
    const count = libc.epollWait(this.#epoll, this.#eventsAt, EVENTS, timeoutMilliseconds);
    if (count === 0 && timeoutMilliseconds > 0) throw new Error(`no reply within ${STALL_MILLISECONDS} ms`);
    if (count < 0 && errno() !== EINTR) throw new Error(`epoll_wait failed with error ${errno()}`);
    for (let index = 0; index < count; index++) {
      const connection = this.#connections[this.#eventWords[index * EVENT_WORDS + EVENT_DATA_WORD]];
      if (connection.waitsToWrite) this.#send(connection);
      while (this.#receive(connection));
    }
  }

  #next(connection: Connection, now: number): void {
    if (this.driver.begin(connection.lane, now)) this.#send(connection);
    else if (this.driver.isOpenLoop) this.#idle.push(connection);
  }

  #send(connection: Connection): void {
    const { lane } = connection;
    while (lane.from < lane.to) {
      const sent = libc.send(
        connection.fd,
        this.#bytesAt + lane.from,
        lane.to - lane.from,
        MSG_DONTWAIT | MSG_NOSIGNAL,
      );
      if (sent > 0) {
        lane.from += sent;
        continue;
      }
      const reason = errno();
      if (reason !== EAGAIN && reason !== EINTR) throw new Error(`send failed with error ${reason}`);
      if (!connection.waitsToWrite) this.#waitToWrite(connection, true);
      return;
    }
    if (connection.waitsToWrite) this.#waitToWrite(connection, false);
  }

  /** Reads once; true if there may be more to read. */
  #receive(connection: Connection): boolean {
    const { lane, rest } = connection;
    const from = LONGEST_REPLY_LINE_BYTES - connection.restBytes;
    const got = libc.receive(connection.fd, this.#readAt + LONGEST_REPLY_LINE_BYTES, READ_BYTES, MSG_DONTWAIT);
    if (got === 0) throw new Error('the server closed a connection');
    if (got < 0) {
      if (errno() === EAGAIN) return false;
      if (errno() === EINTR) return true;
      throw new Error(`recv failed with error ${errno()}`);
    }
    if (connection.restBytes > 0) this.#read.set(rest.subarray(0, connection.restBytes), from);
    const to = LONGEST_REPLY_LINE_BYTES + got;
    const used = lane.replies.count(this.#read, from, to);
    connection.restBytes = to - used;
    if (used < to) {
      if (connection.restBytes > LONGEST_REPLY_LINE_BYTES) throw new Error('a reply line without an end');
      rest.set(this.#read.subarray(used, to), 0);
    }
    const now = performance.now();
    if (this.driver.finish(lane, now)) this.#next(connection, now);
    return got === READ_BYTES;
  }

  #waitToWrite(connection: Connection, wait: boolean): void {
    connection.waitsToWrite = wait;
    const index = this.#connections.indexOf(connection);
    this.#watch(EPOLL_CTL_MOD, connection.fd, wait ? READING + EPOLLOUT : READING, index);
  }

  #watch(operation: number, fd: number, interest: number, data: number): void {
    this.#control.fill(0);
    this.#control.writeUInt32LE(interest, 0);
    this.#control.writeUInt32LE(data, EVENT_DATA_WORD * 4);
    if (libc.epollCtl(this.#epoll, operation, fd, addressOf(this.#control)) < 0) {
      throw new Error(`epoll_ctl failed with error ${errno()}`);
    }
  }
}

function connectTo(port: number): number {
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  const address = Buffer.allocUnsafeSlow(16).fill(0);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.set([127, 0, 0, 1], 4);
  if (fd < 0 || libc.connect(fd, addressOf(address), 16) < 0) throw new Error(`cannot connect to port ${port}`);
  const one = Buffer.allocUnsafeSlow(4);
  one.writeInt32LE(1, 0);
  libc.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, addressOf(one), 4);
  return fd;
}
