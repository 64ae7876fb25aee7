// `cacheismo call`: calls one method on a running server, and explains a miss that is caused by a mistake in the key.

import { utf8Decode } from '../base/latin1.js';
import { didYouMean } from '../base/nearest.js';
import { CallConnection, type CallOptions, keyBytes } from '../client/call-connection.js';
import type { CallReply } from '../client/replies.js';
import { explainFailure, type ServerFlags, serverOf } from './server-address.js';
import { StartError } from './start-error.js';

export interface CallFlags extends ServerFlags {
  readonly data?: string;
}

const FAILED = 1;
/** Exit code: the call returned no value. */
const MISSED = 3;

/** Returns the value. Throws StartError for an error and for a miss. */
export async function call(key: string, flags: CallFlags, environment: NodeJS.ProcessEnv): Promise<string> {
  const { name, options } = serverOf(flags, environment);
  const { data } = flags;
  const reply = await ask(key, data === undefined ? options : { ...options, data }).catch((error: unknown) => {
    throw new StartError(`${name}: ${explainFailure(error, options)}`, FAILED, { cause: error });
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
      if (reply.error !== undefined) return { value: undefined, error: utf8Decode(reply.error) };
      if (reply.value !== undefined) return reply;
    }
    const error = await mistakeIn(key, connection);
    if (error !== undefined || data === undefined) return { value: undefined, error };
    const { value, error: refusal } = await connection.call(key, data);
    return { value, error: refusal === undefined ? undefined : utf8Decode(refusal) };
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
