// One epoll instance: the watched descriptors and the events of the last wait. Each entry has its descriptor and a kind, so that a thread
// can pass a client to another by adding it to that thread's instance.

import { assert } from '../../base/assert.js';
import { EINTR, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, errorName, type Libc } from './libc.js';

/** The role of a descriptor in the thread that gets its events. */
export const Watched = {
  client: 0,
  /** A client that another thread has accepted for this one. */
  newcomer: 1,
  listener: 2,
  wake: 3,
} as const;
export type Watched = (typeof Watched)[keyof typeof Watched];

/** The number of a newcomer's listener is stored above the kind. */
const LISTENER_SHIFT = 8;
const KIND_MASK = 0xff;

/** Events of one wait. Eight batches: further events are left for the next wait, which then returns immediately. */
const MAX_EVENTS = 256;

/** `struct epoll_event` is packed on x86-64 and aligned elsewhere; in 32-bit words. */
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = process.arch === 'x64' ? 1 : 2;

/** @perThread */
export class EpollSet {
  /** The number of events of the last wait. */
  count = 0;
  private readonly words: Int32Array;
  private readonly eventsAt: number;
  private readonly controlAt: number;
  readonly #controlWord = MAX_EVENTS * EVENT_WORDS;

  constructor(
    private readonly libc: Libc,
    readonly descriptor: number,
  ) {
    const bytes = Buffer.allocUnsafeSlow((MAX_EVENTS + 1) * EVENT_WORDS * 4);
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.eventsAt = libc.addressOf(bytes);
    this.controlAt = this.eventsAt + this.#controlWord * 4;
  }

  /** Whether the last wait may have left events for the next one. */
  get isFull(): boolean {
    return this.count === MAX_EVENTS;
  }

  wait(timeoutMs: number): void {
    this.count = this.libc.epollWait(this.descriptor, this.eventsAt, MAX_EVENTS, timeoutMs);
    if (this.count >= 0) return;
    this.count = 0;
    const errno = this.libc.errno();
    assert(errno === EINTR, `waiting for events works (${errorName(errno)})`);
  }

  events(index: number): number {
    return this.words[index * EVENT_WORDS];
  }

  descriptorOf(index: number): number {
    return this.words[index * EVENT_WORDS + DATA_WORD];
  }

  kindOf(index: number): Watched {
    return (this.words[index * EVENT_WORDS + DATA_WORD + 1] & KIND_MASK) as Watched;
  }

  /** The number of the listener, for events of listeners and newcomers. */
  listenerOf(index: number): number {
    return this.words[index * EVENT_WORDS + DATA_WORD + 1] >>> LISTENER_SHIFT;
  }

  add(descriptor: number, events: number, kind: Watched, listener = 0): void {
    this.#control(this.descriptor, EPOLL_CTL_ADD, descriptor, events, kind | (listener << LISTENER_SHIFT));
  }

  modify(descriptor: number, events: number, kind: Watched): void {
    this.#control(this.descriptor, EPOLL_CTL_MOD, descriptor, events, kind);
  }

  remove(descriptor: number): void {
    this.#control(this.descriptor, EPOLL_CTL_DEL, descriptor, 0, Watched.client);
  }

  /** Adds a client to another thread's set. */
  addElsewhere(epoll: number, descriptor: number, events: number, listener: number): void {
    const tag = Watched.newcomer | (listener << LISTENER_SHIFT);
    this.#control(epoll, EPOLL_CTL_ADD, descriptor, events, tag);
  }

  #control(epoll: number, operation: number, descriptor: number, events: number, tag: number): void {
    const words = this.words;
    words[this.#controlWord] = events;
    words[this.#controlWord + DATA_WORD] = descriptor;
    words[this.#controlWord + DATA_WORD + 1] = tag;
    const result = this.libc.epollControl(epoll, operation, descriptor, this.controlAt);
    assert(result === 0, `an open descriptor can be watched (${result === 0 ? '' : errorName(this.libc.errno())})`);
  }
}
