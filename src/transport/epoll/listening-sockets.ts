// Opens listening sockets as bare descriptors, from which any thread can accept. The main thread does this at the start, since it looks up
// names and sets file modes. Accepting: acceptor.ts.

import { lookup } from 'node:dns/promises';
import { unlinkSync } from 'node:fs';
import { KEEP_ALIVE_SECONDS, type ListenAddress, listenError, type UnixSocketOptions } from '../transport-options.js';
import { clearSocketPath, withFileMode } from '../unix-socket.js';
import type { EpollListener } from './acceptor.js';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  errorName,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  type Libc,
  SO_KEEPALIVE,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from './libc.js';

/** Larger than any address of a socket. */
const ADDRESS_BYTES = 128;
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;
const OPTION_AT = ADDRESS_BYTES;

/** An address that every machine has if it supports the family. */
const ANY_IPV6 = '::';
const ANY_IPV4 = '0.0.0.0';

interface Bound {
  readonly host: string;
  readonly port: number;
}

export class ListeningSockets {
  /** Descriptors from which clients can be accepted. */
  readonly listeners: EpollListener[] = [];
  readonly #descriptors: number[] = [];
  readonly #buffer = Buffer.allocUnsafeSlow(ADDRESS_BYTES + 8);
  private readonly at: number;
  /** Addresses by descriptor, for error messages. */
  readonly #names = new Map<number, string>();
  #path: string | undefined;

  constructor(
    private readonly libc: Libc,
    private readonly backlog: number,
  ) {
    this.at = libc.addressOf(this.#buffer);
  }

  /** Until `listen` the kernel refuses clients. */
  async bindTcp(address: ListenAddress): Promise<Bound> {
    const bound = await this.#bindHost(address);
    this.#addListener(address.isTls ?? false, address.protocols);
    return bound;
  }

  async #bindHost({ host, port }: ListenAddress): Promise<Bound> {
    const name = `${host ?? '*'}:${port}`;
    if (host === undefined) {
      // One socket for both families, or for IPv4 where there is no IPv6.
      const bound = this.#tryTcp(ANY_IPV6, AF_INET6, port);
      return typeof bound === 'object' ? bound : this.#bindTcp(name, ANY_IPV4, AF_INET, port);
    }
    const found = await lookup(host).catch((error: NodeJS.ErrnoException) => {
      throw listenError(name, error.code, error);
    });
    return this.#bindTcp(name, found.address, found.family === 6 ? AF_INET6 : AF_INET, port);
  }

  async bindUnix({ path, mode, protocols }: UnixSocketOptions): Promise<string> {
    await clearSocketPath(path);
    const socket = this.#open(AF_UNIX);
    this.#buffer.fill(0);
    this.#buffer.writeUInt16LE(AF_UNIX, 0);
    const length = this.#buffer.write(path, 2) + 3;
    const isBound = withFileMode(mode, () => this.libc.bind(socket, this.at, length) === 0);
    if (isBound) this.#path = path;
    if (!isBound) throw this.#failed(path, this.libc.errno());
    this.#names.set(socket, path);
    this.#addListener(false, protocols);
    return path;
  }

  /** Lets clients connect to all that is bound. */
  listen(): void {
    for (const socket of this.#descriptors) {
      if (this.libc.listen(socket, this.backlog) === 0) continue;
      throw this.#failed(this.#names.get(socket) ?? '', this.libc.errno());
    }
  }

  /** Only after the last thread has stopped accepting, since the kernel reuses the descriptor numbers. */
  close(): void {
    this.removeFile();
    for (const descriptor of this.#descriptors) this.libc.close(descriptor);
    this.#descriptors.length = 0;
    this.listeners.length = 0;
  }

  /** The file of a Unix socket. */
  removeFile(): void {
    if (this.#path === undefined) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // It is already gone, which is the goal.
    }
    this.#path = undefined;
  }

  /** The socket opened last. */
  #addListener(isTls: boolean, protocols: EpollListener['protocols']): void {
    this.listeners.push({ descriptor: this.#descriptors.at(-1) as number, isTls, protocols });
  }

  #bindTcp(name: string, address: string, family: number, port: number): Bound {
    const bound = this.#tryTcp(address, family, port);
    if (typeof bound === 'object') return bound;
    throw this.#failed(name, bound);
  }

  /** The bound address, or the kernel's error. */
  #tryTcp(address: string, family: number, port: number): Bound | number {
    const { libc } = this;
    const socket = this.#open(family);
    if (socket < 0) return libc.errno();
    this.#setOption(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family === AF_INET6) this.#setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY, address === ANY_IPV6 ? 0 : 1);
    // Clients inherit these.
    this.#setOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    this.#setOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    this.#setOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_SECONDS);
    const length = this.#writeAddress(address, family, port);
    if (libc.bind(socket, this.at, length) === 0) {
      this.#names.set(socket, `${address}:${port}`);
      return { host: address, port: this.#portOf(socket) };
    }
    const errno = libc.errno();
    this.#descriptors.pop();
    libc.close(socket);
    return errno;
  }

  #writeAddress(address: string, family: number, port: number): number {
    const [number = '', zone] = address.split('%');
    this.#buffer.fill(0);
    this.#buffer.writeUInt16LE(family, 0);
    this.#buffer.writeUInt16BE(port, 2);
    this.libc.parseAddress(family, number, this.at + (family === AF_INET6 ? 8 : 4));
    if (zone !== undefined) this.#buffer.writeUInt32LE(this.libc.interfaceIndex(zone), 24);
    return family === AF_INET6 ? IPV6_BYTES : IPV4_BYTES;
  }

  #portOf(socket: number): number {
    this.#buffer.writeUInt32LE(ADDRESS_BYTES, OPTION_AT);
    this.libc.getSocketName(socket, this.at, this.at + OPTION_AT);
    return this.#buffer.readUInt16BE(2);
  }

  #open(family: number): number {
    const socket = this.libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket >= 0) this.#descriptors.push(socket);
    return socket;
  }

  #setOption(socket: number, level: number, option: number, value: number): void {
    this.#buffer.writeInt32LE(value, OPTION_AT);
    this.libc.setSocketOption(socket, level, option, this.at + OPTION_AT, 4);
  }

  #failed(name: string, errno: number): Error {
    const code = errorName(errno);
    return listenError(name, code, new Error(code));
  }
}
