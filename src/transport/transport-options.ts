// What can be set about a transport, and how listen addresses are written. Not for flags, environment or files, which
// the application merges and checks.

import type { Notes } from '../base/notes.js';
import type { ByteWindow } from './request-engine.js';
import type { TlsSettings } from './tls/tls-settings.js';

export interface ListenAddress {
  /** Name or number of the interface; undefined stands for all. */
  readonly host: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Clients encrypt. */
  readonly isTls?: boolean;
  /** Names of the protocols that its clients may speak, in the order in which they are tried; all where left away. */
  readonly protocols?: readonly string[] | undefined;
}

export interface UnixSocketOptions {
  readonly path: string;
  /** Permissions of the socket file, as in memcached's -a. */
  readonly mode: number;
  /** As of a ListenAddress. */
  readonly protocols?: readonly string[] | undefined;
}

/** One place to listen on, as the configuration resolves it. */
export interface ListenerSettings {
  readonly address: ListenAddress | UnixSocketOptions;
  /** What clients may speak there; with `auto` a connection's first byte decides. */
  readonly protocols: 'auto' | 'ascii' | 'binary';
  readonly tls: boolean;
  /** Which transport serves it; `auto` leaves the choice to the server. */
  readonly transport: 'auto' | 'net' | 'epoll';
}

/** The arena, as far as a transport is concerned. */
export interface WindowMemory {
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
}

/** What every transport needs to serve its connections. */
export interface ServiceOptions {
  readonly memory: WindowMemory;
  /** Output windows besides the engine's own, for replies that the system did not take at once. */
  readonly spareOutputs: readonly ByteWindow[];
  readonly maxConnections: number;
  /** Closes a connection that asks nothing for so long; 0 is never. */
  readonly idleTimeoutSeconds: number;
  /** Closes a connection that stalls inside a request; 0 is never. */
  readonly valueTimeoutSeconds: number;
  /** Closes a connection whose client does not read its replies; 0 is never. */
  readonly writeTimeoutSeconds: number;
  /** Bytes of the arena that all slow readers of this transport together may keep from being reclaimed; no bound where left away. */
  readonly heldLimitBytes?: number;
  /** The most descriptors the process may open; found out from the system when left away. */
  readonly descriptorLimit?: number;
  /** A client asked the server to stop. */
  readonly onShutdown: (graceful: boolean) => void;
  /** An invariant of the server is broken: the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** Where connections are told of that come, go and are refused. */
  readonly notes?: Notes;
  /** Called once a second, for maintenance while no request comes. */
  readonly onSecond?: () => void;
  /** Nothing is to be served: does about a millisecond of upkeep; whether more is left. */
  readonly onIdle?: () => boolean;
}

/** Where to listen. */
export interface ListenOptions {
  readonly addresses: readonly ListenAddress[];
  readonly unixSocket?: UnixSocketOptions;
  readonly backlog: number;
}

/** The protocols behind each word of the configuration; all of them where a connection's first byte decides. */
const PROTOCOL_NAMES: Readonly<Record<ListenerSettings['protocols'], readonly string[] | undefined>> = {
  auto: undefined,
  ascii: ['text'],
  binary: ['binary'],
};

/** For a transport that serves all of the listeners. */
export function listenOptionsOf(listeners: readonly ListenerSettings[], backlog: number): ListenOptions {
  const addresses: ListenAddress[] = [];
  let unixSocket: UnixSocketOptions | undefined;
  for (const { address, protocols: spoken, tls } of listeners) {
    const protocols = PROTOCOL_NAMES[spoken];
    if ('path' in address) unixSocket = { ...address, protocols };
    else addresses.push({ ...address, isTls: tls, protocols });
  }
  return unixSocket === undefined ? { addresses, backlog } : { addresses, unixSocket, backlog };
}

export interface TransportOptions extends ServiceOptions, ListenOptions {
  /** Needed where an address is one of TLS. */
  readonly tls?: TlsSettings;
  /** False keeps to the public interface of Node's sockets, which costs more time per request. */
  readonly useHandles?: boolean;
}

export interface ListeningAddresses {
  /** `host:port` of each TCP socket, with the port that the system chose. */
  readonly tcp: readonly { readonly host: string; readonly port: number }[];
  readonly unix: string | undefined;
}

/** In a drain, clients that were sent their last reply are waited for so long. */
export const DRAIN_LINGER_MS = 500;

/** The time as a transport sees it; `refresh` may have to agree with other threads. */
export interface TransportClock {
  /** Server seconds. */
  readonly now: number;
  refresh(): void;
}

export interface TransportLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Operating errors of the start: a message for the user, no bug. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Tells the user in a few words why a place could not be listened on. */
export function listenError(name: string, code: string | undefined, cause: Error): ListenError {
  const reason = LISTEN_REASONS[code ?? ''] ?? cause.message;
  return new ListenError(`cannot listen on ${name}: ${reason}`, { cause });
}

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'no interface has this address',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be resolved now',
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'a part of its path is not a directory',
};

/** Reads `host`, `host:port`, `[v6]:port`, `:port`, `*` and memcached's `inet:...` and `inet6:...`, several with commas between them. */
export function parseListenAddresses(text: string, defaultPort: number): ListenAddress[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseListenAddress(part, defaultPort));
}

const BRACKETED = /^\[([^\]]+)\](?::(\d{1,5}))?$/;
const HOST_AND_PORT = /^([^:]*)(?::(\d{1,5}))?$/;

const FAMILY = /^inet6?:(.+)$/;

function parseListenAddress(given: string, defaultPort: number): ListenAddress {
  // The family follows from the address.
  const text = FAMILY.exec(given)?.[1] ?? given;
  const isBareIpv6 = !text.startsWith('[') && text.split(':').length > 2;
  const match = isBareIpv6 ? [text, text, undefined] : (BRACKETED.exec(text) ?? HOST_AND_PORT.exec(text));
  if (match === null) throw new ListenError(`cannot listen on ${text}: expected host, host:port or [address]:port`);
  const [, host, portText] = match;
  const port = portText === undefined ? defaultPort : Number.parseInt(portText, 10);
  if (port > 65535) throw new ListenError(`cannot listen on ${text}: a port is at most 65535`);
  return { host: host === '' || host === '*' ? undefined : host, port };
}
