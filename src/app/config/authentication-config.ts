// Combines -Y, -S and the protocols of the listeners: once any protocol requires a login, no listener may speak one that does not. Reading
// the file of users: security/user-file.ts.

import type { ListenerSettings } from '../../transport/transport-options.js';
import { StartError } from '../start-error.js';
import type { Given } from './config-source.js';
import { SASL_FILE_VARIABLE } from './environment.js';
import type { OptionConfig } from './option-table.js';

type Protocol = OptionConfig['protocol'];
type AuthenticationValues = Pick<OptionConfig, 'authFile' | 'saslEnabled' | 'saslFile' | 'protocol'>;

interface Authentication {
  /** The file of users; undefined if no login is required. */
  readonly userFile: string | undefined;
  /** The protocols of listeners that name none. */
  readonly protocol: Protocol;
}

/** `given` holds the options that the user has given, by name. */
export function resolveAuthentication(
  { authFile, protocol, saslEnabled, saslFile }: AuthenticationValues,
  given: ReadonlyMap<string, Given>,
): Authentication {
  const label = (name: string) => given.get(name)?.label ?? `--${name}`;
  if (!saslEnabled) {
    const isOption = saslFile !== undefined && label('sasl-pwdb') !== SASL_FILE_VARIABLE;
    if (isOption) throw new StartError(`${label('sasl-pwdb')}: needs -S, without which nobody logs in by SASL`);
    return { userFile: authFile, protocol: authFile === undefined ? protocol : onlyText(protocol, given) };
  }
  const ownFile = label('sasl-pwdb') === SASL_FILE_VARIABLE ? (authFile ?? saslFile) : (saslFile ?? authFile);
  if (ownFile === undefined) {
    throw new StartError(`${label('enable-sasl')}: needs a file of users, as in -Y users or -o sasl_pwdb=users`);
  }
  if (authFile !== undefined) {
    if (ownFile !== authFile) {
      throw new StartError(`${label('sasl-pwdb')}: must be the file of ${label('auth-file')}, or be left out`);
    }
    return { userFile: ownFile, protocol };
  }
  return { userFile: ownFile, protocol: onlyBinary(protocol, given) };
}

/** Refuses the combinations that memcached refuses. */
function onlyText(protocol: Protocol, given: ReadonlyMap<string, Given>): Protocol {
  const wanted = given.get('protocol');
  if (protocol === 'binary' || (protocol === 'auto' && wanted !== undefined)) {
    throw new StartError(`${wanted?.label} ${protocol}: with -Y and without -S only ascii is served`);
  }
  return 'ascii';
}

function onlyBinary(protocol: Protocol, given: ReadonlyMap<string, Given>): Protocol {
  const wanted = given.get('protocol');
  if (protocol === 'ascii' || (protocol === 'auto' && wanted !== undefined)) {
    throw new StartError(`${wanted?.label} ${protocol}: with -S and without -Y only binary is served`);
  }
  return 'binary';
}

/** Addresses may name a protocol of their own. */
export function checkListeners(
  { userFile, protocol }: Authentication,
  listeners: readonly ListenerSettings[],
  given: ReadonlyMap<string, Given>,
): void {
  if (userFile === undefined || protocol === 'auto') return;
  const wrong = listeners.find(({ protocols }) => protocols !== protocol);
  if (wrong === undefined) return;
  const label = given.get('listen')?.label ?? '--listen';
  throw new StartError(
    `${label}: with ${protocol === 'ascii' ? '-Y' : '-S'} alone every address speaks ${protocol} only`,
  );
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.|localhost$)/i;

/** The warning for the log if strangers may be able to connect. */
export function openListenerNotices(
  userFile: string | undefined,
  listeners: readonly ListenerSettings[],
): readonly string[] {
  if (userFile !== undefined) return [];
  const open = listeners.flatMap(({ address, tls }) => {
    if ('path' in address || tls) return [];
    return address.host !== undefined && LOOPBACK.test(address.host) ? [] : [address.host ?? 'all addresses'];
  });
  if (open.length === 0) return [];
  const places = [...new Set(open)].join(', ');
  return [
    `${places}: everybody who can connect may read and change everything, as there is neither TLS (-Z) nor a login (-Y, -S)`,
  ];
}
