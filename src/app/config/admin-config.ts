// Checks the options of the admin interface against each other.

import { isIP } from 'node:net';
import { StartError } from '../start-error.js';
import type { Given } from './config-source.js';
import type { OptionConfig } from './option-table.js';

type AdminValues = Pick<OptionConfig, 'adminPort' | 'adminHost' | 'adminTokenFile'>;

/** Without a token everybody who can connect could call methods, so only this machine may. */
export function checkAdmin(
  { adminPort, adminHost, adminTokenFile }: AdminValues,
  given: ReadonlyMap<string, Given>,
): void {
  const label = (name: string) => given.get(name)?.label ?? `--${name}`;
  if (adminPort === undefined) {
    const useless = ['admin-listen', 'admin-token-file'].find((name) => given.has(name));
    if (useless === undefined) return;
    throw new StartError(`${label(useless)}: needs --admin-port, without which there is no admin interface`);
  }
  if (adminTokenFile !== undefined || isLoopback(adminHost)) return;
  throw new StartError(
    `${label('admin-listen')} ${adminHost}: needs --admin-token-file, as other machines may reach this address`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
