// The rows of `stats conns`: the listening sockets and the clients of all threads, as the kernel knows them, so that serving keeps no list
// for this.

import { readdirSync } from 'node:fs';
import type { Clock } from '../../base/clock.js';
import { type ConnectionRow, ConnectionRows } from '../connection-rows.js';
import type { ConnectionStates } from '../connection-states.js';
import type { SocketAddress } from '../socket-address.js';
import { readKernelAddress } from './kernel-address.js';
import { IPPROTO_TCP, type Libc, SOL_SOCKET } from './libc.js';

const SO_ACCEPTCONN = 30;
const TCP_INFO = 11;
/** Milliseconds since the last data came, in the kernel's struct tcp_info. */
const LAST_DATA_AT = 52;

const NAME_BYTES = 128;
const VALUE_AT = NAME_BYTES;
/** Larger than struct tcp_info (about 250 bytes in Linux 6), of which only the first 56 are used. */
const VALUE_BYTES = 256;
const LENGTH_AT = VALUE_AT + VALUE_BYTES;

export class SocketRows {
  private readonly bytes = Buffer.allocUnsafeSlow(512);
  private readonly at: number;

  constructor(
    private readonly libc: Libc,
    private readonly states: ConnectionStates,
    private readonly clock: Clock,
  ) {
    this.at = libc.addressOf(this.bytes);
  }

  /** `asking` is the descriptor of the client that sent the command. */
  rows(asking: number): readonly ConnectionRow[] {
    const sockets = openDescriptors();
    const listening = new Set<string>();
    const rows = new ConnectionRows(asking, this.clock.uptimeSeconds);
    for (const descriptor of sockets) {
      const address = this.#name(descriptor, 'own');
      if (address === undefined || this.#option(descriptor, SOL_SOCKET, SO_ACCEPTCONN)?.readInt32LE(0) !== 1) continue;
      listening.add(portOf(address));
      rows.addListener(descriptor, address);
    }
    for (const descriptor of sockets) {
      const own = this.#name(descriptor, 'own');
      if (own === undefined || !listening.has(portOf(own))) continue;
      const peer = this.#name(descriptor, 'peer');
      if (peer === undefined) continue;
      rows.addClient(descriptor, peer, own, this.states.stateOf(descriptor), () => this.#idleSeconds(descriptor));
    }
    return rows.end();
  }

  #name(descriptor: number, whose: 'own' | 'peer'): SocketAddress | undefined {
    const { at, bytes, libc } = this;
    bytes.writeUInt32LE(NAME_BYTES, LENGTH_AT);
    const call = whose === 'own' ? libc.getSocketName : libc.getPeerName;
    if (call(descriptor, at, at + LENGTH_AT) !== 0) return undefined;
    return readKernelAddress(bytes, 0, bytes.readUInt32LE(LENGTH_AT));
  }

  #option(descriptor: number, level: number, name: number): Buffer | undefined {
    const { at, bytes, libc } = this;
    bytes.writeUInt32LE(VALUE_BYTES, LENGTH_AT);
    if (libc.getSocketOption(descriptor, level, name, at + VALUE_AT, at + LENGTH_AT) !== 0) return undefined;
    return bytes.subarray(VALUE_AT, LENGTH_AT);
  }

  /** The kernel knows it of TCP only. */
  #idleSeconds(descriptor: number): number {
    const info = this.#option(descriptor, IPPROTO_TCP, TCP_INFO);
    if (info !== undefined) return Math.floor(info.readUInt32LE(LAST_DATA_AT) / 1000);
    const activeAt = this.states.activeAt(descriptor);
    return activeAt === 0 ? 0 : Math.max(0, this.clock.now - activeAt);
  }
}

/** All descriptors of the process, in rising order. */
function openDescriptors(): readonly number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => Number.isInteger(descriptor))
    .sort((left, right) => left - right);
}

/** The part of a client's own address that matches its listener's, which may listen on any address. */
function portOf({ kind, host, port }: SocketAddress): string {
  return kind === 'unix' ? host : `:${port}`;
}
