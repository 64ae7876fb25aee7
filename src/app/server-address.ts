// Where the server of a subcommand is, from its flags and the environment, and explanations for a connection that fails.

import { reasonOf } from '../base/error-reason.js';
import { readWholeFile } from '../base/whole-file.js';
import type { ConnectionOptions } from '../client/call-connection.js';
import { EXIT, StartError } from './start-error.js';

export interface ServerFlags {
  readonly host: string;
  readonly port?: string;
  readonly unixSocket?: string;
  readonly user?: string;
  readonly tls?: true;
  readonly ca?: string;
}

const DEFAULT_PORT = '11211';

/** `name` is for messages. */
export function serverOf(
  flags: ServerFlags,
  environment: NodeJS.ProcessEnv,
): { name: string; options: ConnectionOptions } {
  const { ca, host, unixSocket } = flags;
  const user = userOf(flags.user, environment);
  const login = user === undefined ? {} : { user };
  const encryption = ca === undefined ? (flags.tls ? { tls: {} } : {}) : { tls: { ca: readAuthority(ca) } };
  if (unixSocket !== undefined) return { name: unixSocket, options: { unixSocket, ...login } };
  const port = flags.port ?? environmentPort(environment) ?? DEFAULT_PORT;
  const portNumber = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (portNumber < 1 || portNumber > 65535) throw new StartError(`-p ${port}: must be an integer from 1 to 65535`);
  return { name: `${host}:${portNumber}`, options: { host, port: portNumber, ...login, ...encryption } };
}

/** Kubernetes sets CACHEISMO_PORT to an address for a service of this name. */
function environmentPort({ CACHEISMO_PORT: port }: NodeJS.ProcessEnv): string | undefined {
  return port === '' || port?.includes('://') ? undefined : port;
}

/** CACHEISMO_USER without a colon is the user that a server runs as. */
function userOf(
  given: string | undefined,
  { CACHEISMO_USER: fromEnvironment }: NodeJS.ProcessEnv,
): ConnectionOptions['user'] {
  const text = given ?? (fromEnvironment?.includes(':') ? fromEnvironment : undefined);
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) throw new StartError('--user: must be name:password');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function readAuthority(file: string): string {
  try {
    return readWholeFile(file).toString('utf8');
  } catch (error) {
    throw new StartError(`--ca ${file}: ${reasonOf(error)}`, EXIT.usage, { cause: error });
  }
}

/** OpenSSL's codes, with what to do. */
const TLS_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed; give it by --ca FILE",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the authority that signed the server's certificate is not known; give its certificate by --ca FILE",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the authority that signed the server's certificate is not known; give its certificate by --ca FILE",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the authority that signed the server's certificate is not known; give its certificate by --ca FILE",
};

/** Codes of the kernel and of name resolution, with what to do. */
const CONNECTION_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there (ECONNREFUSED); start it, or give its address by -h and -p, or -s',
  ENOENT: 'there is no such socket (ENOENT); start the server, or give its address by -h and -p, or -s',
  ENOTFOUND: 'the name of the host is not known (ENOTFOUND); correct -h',
};

/** Why a server could not be asked, with what to do. */
export function explainFailure(error: unknown, { tls }: ConnectionOptions): string {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
  const reason = TLS_ADVICE[code] ?? CONNECTION_ADVICE[code] ?? reasonOf(error);
  if (reason.includes('wrong version number')) return 'the server does not speak TLS on this port';
  const isClosed = /closed the connection$|ECONNRESET/.test(reason);
  return isClosed && tls === undefined ? `${reason}; if it speaks TLS, add --tls` : reason;
}
