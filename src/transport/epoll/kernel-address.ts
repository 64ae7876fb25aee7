// Reads addresses of sockets as the kernel writes them (struct sockaddr):
//
//   family u16 | port, big-endian u16 | IPv4: 4 bytes            | ...
//   family u16 | port, big-endian u16 | flow u32 | IPv6: 16 bytes | scope u32
//   family u16 | path of a Unix socket, ended by NUL or by the length

import { type SocketAddress, UNNAMED } from '../socket-address.js';
import { AF_INET, AF_INET6, AF_UNIX } from './libc.js';

/** The longest of the forms that are read with a port. */
export const ADDRESS_BYTES = 28;

const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
const PATH_AT = 2;
const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

/** Undefined for other families. Family 0, where the kernel has written nothing, is that of a socket without a name. */
export function readKernelAddress(bytes: Buffer, at: number, length: number): SocketAddress | undefined {
  const family = bytes.readUInt16LE(at);
  if (family === 0) return UNNAMED;
  if (family === AF_UNIX) {
    const path = bytes.toString('latin1', at + PATH_AT, at + Math.max(PATH_AT, length)).split('\0')[0];
    return { kind: 'unix', host: path, port: 0 };
  }
  const port = bytes.readUInt16BE(at + PORT_AT);
  if (family === AF_INET) return { kind: 'tcp', host: bytes.subarray(at + IPV4_AT, at + IPV4_AT + 4).join('.'), port };
  return family === AF_INET6 ? { kind: 'tcp6', host: ipv6(bytes, at + IPV6_AT), port } : undefined;
}

function ipv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(at + group * 2).toString(16));
  const host = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(host);
  // The usual notation for an IPv4 client of an IPv6 socket.
  return mapped === null ? host : `::ffff:${bytes.subarray(at + 12, at + 16).join('.')}`;
}
