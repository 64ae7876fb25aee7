// The address of one end of a socket, for `stats conns` and `watch connevents`. Reading the kernel's form: epoll/kernel-address.ts.

export interface SocketAddress {
  readonly kind: 'tcp' | 'tcp6' | 'unix';
  /** The IP address without brackets, or the path of a Unix socket, empty if it has none. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/** The address of a Unix socket's client, which has no name. */
export const UNNAMED: SocketAddress = { kind: 'unix', host: '', port: 0 };

/** The text in memcached's `stats conns`. */
export function addressText({ kind, host, port }: SocketAddress): string {
  if (kind === 'unix') return `unix:${host}`;
  return kind === 'tcp' ? `tcp:${host}:${port}` : `tcp6:[${host}]:${port}`;
}

/** Converts Node's form of an address; without a family it is that of a Unix socket. */
export function nodeAddress(
  host: string | undefined,
  family: string | undefined,
  port: number | undefined,
): SocketAddress {
  if (host === undefined || port === undefined) return UNNAMED;
  return { kind: family === 'IPv6' ? 'tcp6' : 'tcp', host, port };
}
