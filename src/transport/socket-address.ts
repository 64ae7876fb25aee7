// The address of a socket's end, as `stats conns` and `watch connevents` name it. Where the kernel's form of it is read: epoll/kernel-address.ts.

export interface SocketAddress {
  readonly kind: 'tcp' | 'tcp6' | 'unix';
  /** The IP address without brackets, or the path of a Unix socket: empty where it has none. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** Of the client of a Unix socket, which has no name. */
export const UNNAMED: SocketAddress = { kind: 'unix', host: '', port: 0 };

/** As `stats conns` of memcached writes it. */
export function addressText({ kind, host, port }: SocketAddress): string {
  if (kind === 'unix') return `unix:${host}`;
  return kind === 'tcp' ? `tcp:${host}:${port}` : `tcp6:[${host}]:${port}`;
}

/** What Node says of an address; without a family it is that of a Unix socket. */
export function nodeAddress(
  host: string | undefined,
  family: string | undefined,
  port: number | undefined,
): SocketAddress {
  if (host === undefined || port === undefined) return UNNAMED;
  return { kind: family === 'IPv6' ? 'tcp6' : 'tcp', host, port };
}
