// The file of MEMCACHED_PORT_FILENAME, from which test harnesses of memcached read the ports: one line for each TCP address. It is created
// by renaming, so it is always complete. As in memcached it stays when the server ends.

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
