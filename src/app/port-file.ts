// The file of MEMCACHED_PORT_FILENAME, by which test harnesses of memcached learn the ports: one line for each TCP address. It appears as a
// whole, by renaming. As in memcached it is left when the server ends.

import { renameSync, writeFileSync } from 'node:fs';

interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export function writePortFile(path: string, addresses: readonly TcpAddress[]): void {
  const lines = addresses.map(({ host, port }) => `TCP ${host.includes(':') ? 'INET6' : 'INET'}: ${port}\n`);
  const partial = `${path}.lck`;
  writeFileSync(partial, lines.join(''));
  renameSync(partial, path);
}
