// `cacheismo call`: calls one method on a running server, and explains a miss that is caused by a mistake in the key.

import { readFileSync } from 'node:fs';
import { didYouMean } from '../base/nearest.js';
import { CallConnection, type CallOptions, keyBytes } from '../client/call-connection.js';
import type { CallReply } from '../client/replies.js';
import { EXIT, reasonOf, StartError } from './start-error.js';

export interface CallFlags {
  readonly host: string;
  readonly port?: string;
  readonly data?: string;
  readonly user?: string;
  readonly tls?: true;
  readonly ca?: string;
}

const FAILED = 1;
/** Exit code: the call returned no value. */
const MISSED = 3;
const DEFAULT_PORT = '11211';

/** Returns the value. Throws StartError for an error and for a miss. */
export async function call(key: string, flags: CallFlags, environment: NodeJS.ProcessEnv): Promise<string> {
  const options = optionsOf(flags, environment);
  const reply = await ask(key, options).catch((error: unknown) => {
    throw new StartError(`${options.host}:${options.port}: ${explain(error, options)}`, FAILED, { cause: error });
  });
  if (reply.error === 'CLIENT_ERROR unauthenticated') {
    throw new StartError(`${reply.error}; log in by --user name:password`, FAILED);
  }
  if (reply.error !== undefined) throw new StartError(reply.error, FAILED);
  if (reply.value === undefined) throw new StartError('there is no value', MISSED);
  return reply.value;
}

async function ask(key: string, options: CallOptions): Promise<CallReply> {
  keyBytes(key);
  const connection = await CallConnection.open(options);
  try {
    // Checked before a data block is sent: with a key that names no method it would be stored as a value.
    const { data } = options;
    if (data === undefined) {
      const reply = await connection.call(key);
      if (reply.value !== undefined || reply.error !== undefined) return reply;
    }
    const error = await mistakeIn(key, connection);
    if (error !== undefined || data === undefined) return { value: undefined, error };
    return await connection.call(key, data);
  } finally {
    connection.close();
  }
}

/** The mistake in a key that names no method; undefined if there is none, or if that is unknown. */
async function mistakeIn(key: string, connection: CallConnection): Promise<string | undefined> {
  for (const { index, 0: word, 1: type } of key.matchAll(/(?<!\w)([a-z][a-z0-9_]*):/g)) {
    const prefix = key.slice(0, index);
    const listing = (await connection.call(`${prefix}cacheismo:types`)).value;
    // The text before the type is not a prefix that the server skips.
    if (listing === undefined || !listing.startsWith('apiVersion ')) continue;
    const lines = listing.split('\r\n').slice(1);
    const names = firstWords(lines.filter((line) => !line.startsWith('error ')));
    const rest = key.slice(index + word.length);
    if (names.includes(type)) return await mistakeInMethod(prefix, type, rest, connection);
    const others = names.filter((name) => `${rest}:`.includes(`${name}:`));
    // A part of the key may be a prefix of the server, followed by the type.
    if (others.length === 0) return unknownType(type, names, lines);
  }
  return undefined;
}

function unknownType(type: string, names: readonly string[], lines: readonly string[]): string {
  const failed = lines.find((line) => line.startsWith('error ') && line.includes(`/${type}.`));
  const why = failed === undefined ? '' : `; ${failed}`;
  const loaded = names.length === 0 ? 'no types are loaded' : `loaded are ${names.join(', ')}`;
  const places = "types are the files of the server's --scripts and --plugins, by default ./scripts and ./plugins";
  return `type ${type} is not loaded${didYouMean(type, names)}${why}; ${loaded}; ${places}`;
}

async function mistakeInMethod(
  prefix: string,
  type: string,
  rest: string,
  connection: CallConnection,
): Promise<string | undefined> {
  const [method] = rest.split(':', 1) as [string];
  const listing = (await connection.call(`${prefix}cacheismo:methods:${type}`)).value;
  if (listing === undefined) return undefined;
  const names = firstWords(listing.split('\r\n'));
  if (names.includes(method)) return undefined;
  return `type ${type} has no method ${method}${didYouMean(method, names)}; its methods are ${names.join(', ')}`;
}

function firstWords(lines: readonly string[]): string[] {
  return lines.map((line) => line.split(' ', 1)[0]).filter((word) => word !== '');
}

function optionsOf(flags: CallFlags, environment: NodeJS.ProcessEnv): CallOptions & { host: string; port: number } {
  const { ca, data, host } = flags;
  const port = flags.port ?? environmentPort(environment) ?? DEFAULT_PORT;
  const portNumber = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (portNumber < 1 || portNumber > 65535) throw new StartError(`-p ${port}: must be an integer from 1 to 65535`);
  const user = userOf(flags.user, environment);
  return {
    ...{ host, port: portNumber },
    ...(data === undefined ? {} : { data }),
    ...(user === undefined ? {} : { user }),
    ...(ca === undefined ? (flags.tls ? { tls: {} } : {}) : { tls: { ca: readAuthority(ca) } }),
  };
}

/** Kubernetes sets CACHEISMO_PORT to an address for a service of this name. */
function environmentPort({ CACHEISMO_PORT: port }: NodeJS.ProcessEnv): string | undefined {
  return port === '' || port?.includes('://') ? undefined : port;
}

/** CACHEISMO_USER without a colon is the user that a server runs as. */
function userOf(
  given: string | undefined,
  { CACHEISMO_USER: fromEnvironment }: NodeJS.ProcessEnv,
): CallOptions['user'] {
  const text = given ?? (fromEnvironment?.includes(':') ? fromEnvironment : undefined);
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) throw new StartError('--user: must be name:password');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
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

function explain(error: unknown, { tls }: CallOptions): string {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? '') : '';
  const reason = TLS_ADVICE[code] ?? reasonOf(error);
  if (reason.includes('wrong version number')) return 'the server does not speak TLS on this port';
  const isClosed = /closed the connection|ECONNRESET/.test(reason);
  return isClosed && tls === undefined ? `${reason}; if it speaks TLS, add --tls` : reason;
}
