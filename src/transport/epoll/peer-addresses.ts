// The addresses of connected clients and the states of their connections by descriptor, in memory that all threads share: the thread that accepts
// a client writes its address, which the kernel returns with it, and the thread that serves it reads it for watchers. By then the kernel no
// longer knows the address of a client that has reset its connection.
//
//   word 0 to 6   address of the kernel
//   word 7        | server second of the last activity 30 | state 2 |

import type { ConnectionState, ConnectionStates } from '../connection-states.js';
import { type SocketAddress, UNNAMED } from '../socket-address.js';
import { ADDRESS_BYTES, readKernelAddress } from './kernel-address.js';
import type { Libc } from './libc.js';

const ENTRY_BYTES = 32;
const WORDS = ADDRESS_BYTES / 4;
const STATE_WORD = WORDS;
const STATE_BITS = 2;
const STATE_MASK = (1 << STATE_BITS) - 1;
const LENGTH_AT = ENTRY_BYTES;
/** Larger buffers are outside of V8's heap, so the garbage collector does not move them. */
const BUFFER_BYTES = 128;
/** The most descriptors of the process in addition to those of its clients. */
const OTHER_DESCRIPTORS = 1024;

/** Entries that are never written to cost no memory. */
export function makePeerCells(maxConnections: number): SharedArrayBuffer {
  return new SharedArrayBuffer((maxConnections + OTHER_DESCRIPTORS) * ENTRY_BYTES);
}

export class PeerAddresses implements ConnectionStates {
  /** The place where `accept` writes the address, and the word with its length. */
  readonly addressAt: number;
  readonly lengthAt: number;
  private readonly accepted = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private readonly acceptedWords = new Int32Array(this.accepted.buffer, this.accepted.byteOffset, LENGTH_AT / 4 + 1);
  private readonly words: Int32Array;
  private readonly bytes: Buffer;

  constructor(libc: Libc, cells: SharedArrayBuffer) {
    this.addressAt = libc.addressOf(this.accepted);
    this.lengthAt = this.addressAt + LENGTH_AT;
    this.words = new Int32Array(cells);
    this.bytes = Buffer.from(cells);
  }

  /** Call this before each `accept`. */
  prepare(): void {
    this.acceptedWords[LENGTH_AT / 4] = ADDRESS_BYTES;
  }

  /** Stores the address that `accept` has written. */
  keep(descriptor: number): void {
    const at = descriptor * (ENTRY_BYTES / 4);
    if (at >= this.words.length) return;
    for (let word = 0; word < WORDS; word++) this.words[at + word] = this.acceptedWords[word];
  }

  noteState(descriptor: number, state: ConnectionState, activeAt: number): void {
    const at = descriptor * (ENTRY_BYTES / 4) + STATE_WORD;
    if (at >= 0 && at < this.words.length) this.words[at] = (activeAt << STATE_BITS) | state;
  }

  stateOf(descriptor: number): ConnectionState {
    return (this.#state(descriptor) & STATE_MASK) as ConnectionState;
  }

  activeAt(descriptor: number): number {
    return this.#state(descriptor) >>> STATE_BITS;
  }

  #state(descriptor: number): number {
    return this.words[descriptor * (ENTRY_BYTES / 4) + STATE_WORD] ?? 0;
  }

  of(descriptor: number): SocketAddress {
    const at = descriptor * ENTRY_BYTES;
    if (descriptor < 0 || at >= this.bytes.length) return UNNAMED;
    // The path that a Unix socket's client is bound to is of no use to a watcher.
    const address = readKernelAddress(this.bytes, at, 0);
    return address === undefined || address.kind === 'unix' ? UNNAMED : address;
  }
}
