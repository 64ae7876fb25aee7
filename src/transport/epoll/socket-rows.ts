// The rows of `stats conns`: the listening sockets and the clients of all threads, as the kernel knows them, so that serving keeps no list
// for this.

import { readdirSync } from 'node:fs';
import { AF_INET, AF_INET6, AF_UNIX, IPPROTO_TCP, type Libc, SOL_SOCKET } from './libc.js';

type Row = readonly [name: string, value: string | number];

const SO_ACCEPTCONN = 30;
const TCP_INFO = 11;
/** Milliseconds since the last data came, in the kernel's struct tcp_info. */
const LAST_DATA_AT = 52;

const ADDRESS_BYTES = 128;
const VALUE_AT = ADDRESS_BYTES;
const VALUE_BYTES = 256;
const LENGTH_AT = VALUE_AT + VALUE_BYTES;
const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
const PATH_AT = 2;

/** Further sockets are left out, and counted: each takes a few system calls, and 2,000 of them delay other clients by some milliseconds. */
const MOST_SOCKETS = 2000;

export class SocketRows {
  private readonly bytes = Buffer.allocUnsafeSlow(512);
  private readonly at: number;

  constructor(private readonly libc: Libc) {
    this.at = libc.addressOf(this.bytes);
  }

  /** `asking` is the descriptor of the client that sent the command. */
  rows(asking: number): readonly Row[] {
    const sockets = openDescriptors();
    const listening = new Set<string>();
    const rows: Row[] = [];
    for (const descriptor of sockets) {
      const address = this.#name(descriptor, 'own');
      if (address === undefined || this.#option(descriptor, SOL_SOCKET, SO_ACCEPTCONN)?.readInt32LE(0) !== 1) continue;
      listening.add(portOf(address));
      rows.push([`${descriptor}:addr`, address], [`${descriptor}:state`, 'conn_listening']);
      rows.push([`${descriptor}:secs_since_last_cmd`, 0]);
    }
    let left = MOST_SOCKETS;
    for (const descriptor of sockets) {
      const own = this.#name(descriptor, 'own');
      if (own === undefined || !listening.has(portOf(own))) continue;
      const peer = this.#name(descriptor, 'peer');
      if (peer === undefined || left-- <= 0) continue;
      rows.push([`${descriptor}:addr`, peer === 'unix:' ? own : peer], [`${descriptor}:listen_addr`, own]);
      rows.push([`${descriptor}:state`, descriptor === asking ? 'conn_parse_cmd' : 'conn_read']);
      rows.push([`${descriptor}:secs_since_last_cmd`, descriptor === asking ? 0 : this.#idleSeconds(descriptor)]);
    }
    if (left < 0) rows.push(['connections_left_out', -left]);
    return rows;
  }

  #name(descriptor: number, whose: 'own' | 'peer'): string | undefined {
    const { at, bytes, libc } = this;
    bytes.writeUInt32LE(ADDRESS_BYTES, LENGTH_AT);
    const call = whose === 'own' ? libc.getSocketName : libc.getPeerName;
    if (call(descriptor, at, at + LENGTH_AT) !== 0) return undefined;
    const length = bytes.readUInt32LE(LENGTH_AT);
    const family = bytes.readUInt16LE(0);
    const port = bytes.readUInt16BE(PORT_AT);
    if (family === AF_INET) return `tcp:${bytes.subarray(IPV4_AT, IPV4_AT + 4).join('.')}:${port}`;
    if (family === AF_INET6) return `tcp6:${this.#ipv6()}:${port}`;
    if (family !== AF_UNIX) return undefined;
    const path = bytes.toString('latin1', PATH_AT, Math.max(PATH_AT, length));
    return `unix:${path.split('\0')[0]}`;
  }

  #ipv6(): string {
    const groups = Array.from({ length: 8 }, (_, group) => this.bytes.readUInt16BE(IPV6_AT + group * 2).toString(16));
    return new URL(`http://[${groups.join(':')}]`).hostname;
  }

  #option(descriptor: number, level: number, name: number): Buffer | undefined {
    const { at, bytes, libc } = this;
    bytes.writeUInt32LE(VALUE_BYTES, LENGTH_AT);
    if (libc.getSocketOption(descriptor, level, name, at + VALUE_AT, at + LENGTH_AT) !== 0) return undefined;
    return bytes.subarray(VALUE_AT, LENGTH_AT);
  }

  /** 0 where the kernel does not know. */
  #idleSeconds(descriptor: number): number {
    const info = this.#option(descriptor, IPPROTO_TCP, TCP_INFO);
    return info === undefined ? 0 : Math.floor(info.readUInt32LE(LAST_DATA_AT) / 1000);
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
function portOf(address: string): string {
  return address.startsWith('unix:') ? address : address.slice(address.lastIndexOf(':'));
}
