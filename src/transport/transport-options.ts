// The options of a transport, and the syntax of listen addresses. The user's options: app/config.

import type { Notes } from '../base/notes.js';
import type { ConnectionWatch } from './connection-watch.js';
import type { ByteWindow } from './request-engine.js';
import type { TlsSettings } from './tls/tls-settings.js';

export interface ListenAddress {
  /** Name or number of the interface; undefined means all. */
  readonly host: string | undefined;
  /** 0 lets the OS choose. */
  readonly port: number;
  /** Clients use TLS. */
  readonly isTls?: boolean;
  /** Names of the protocols that its clients may speak, in the order in which they are tried; all if omitted. */
  readonly protocols?: readonly string[] | undefined;
}

export interface UnixSocketOptions {
  readonly path: string;
  /** Permissions of the socket file, as in memcached's -a. */
  readonly mode: number;
  /** Like those of a ListenAddress. */
  readonly protocols?: readonly string[] | undefined;
}

/** One place to listen on, as resolved from the configuration. */
export interface ListenerSettings {
  readonly address: ListenAddress | UnixSocketOptions;
  /** The protocol that clients may speak there; with `auto` a connection's first byte decides. */
  readonly protocols: 'auto' | 'ascii' | 'binary';
  readonly tls: boolean;
  /** Which transport serves it; `auto` leaves the choice to the server. */
  readonly transport: 'auto' | 'net' | 'epoll';
}

/** The part of the arena that a transport uses. */
export interface WindowMemory {
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
}

/** The options of every transport. */
export interface ServiceOptions {
  readonly memory: WindowMemory;
  /** Output windows besides the engine's own, for replies that the kernel did not take immediately. */
  readonly spareOutputs: readonly ByteWindow[];
  readonly maxConnections: number;
  /** Clients beyond the limit wait to be accepted, instead of being told so; only where the transport can pause. */
  readonly waitsWhenFull?: boolean;
  /** Closes a connection that sends no request for this long; 0 is never. */
  readonly idleTimeoutSeconds: number;
  /** Closes a connection that stalls inside a request for this long; 0 is never. */
  readonly valueTimeoutSeconds: number;
  /** Closes a connection whose client does not read its replies for this long; 0 is never. */
  readonly writeTimeoutSeconds: number;
  /** Bytes of the arena that all slow readers of this transport together may keep from being reclaimed; no limit if omitted. */
  readonly heldLimitBytes?: number;
  /** The most descriptors that the process may open; by default the OS's limit. */
  readonly descriptorLimit?: number;
  /** A client asked the server to stop. */
  readonly onShutdown: (graceful: boolean) => void;
  /** An invariant of the server is broken: the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** Called with the number of connections that a drain has cut off; if omitted, the transport logs it. */
  readonly onCuts?: (connections: number) => void;
  /** Called for each connection that begins or ends, for clients that watch them; omitted without `watch`. */
  readonly watch?: ConnectionWatch;
  /** Logs connections that are opened, closed and refused. */
  readonly notes?: Notes;
  /** Called once a second, for maintenance while no requests arrive. */
  readonly onSecond?: () => void;
  /** Called while there is nothing to serve: does about a millisecond of upkeep and returns whether more is left. */
  readonly onIdle?: () => boolean;
}

/** Where to listen. */
export interface ListenOptions {
  readonly addresses: readonly ListenAddress[];
  readonly unixSocket?: UnixSocketOptions;
  readonly backlog: number;
}

/** The protocols for each word of the configuration; all of them where a connection's first byte decides. */
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
  /** Required if an address uses TLS. */
  readonly tls?: TlsSettings;
  /** False restricts the transport to the public interface of Node's sockets, which takes more time per request. */
  readonly useHandles?: boolean;
}

export interface ListeningAddresses {
  /** `host:port` of each TCP socket, with the port that the OS chose. */
  readonly tcp: readonly { readonly host: string; readonly port: number }[];
  readonly unix: string | undefined;
}

/** Idle time before TCP keep-alive probes: two hours, the usual default. */
export const KEEP_ALIVE_SECONDS = 7200;

/** In a drain, the server waits this long for clients that have been sent their last reply. */
export const DRAIN_LINGER_MS = 500;

/** The clock as a transport uses it; `refresh` may have to take a lock that threads share. */
export interface TransportClock {
  /** Server seconds. */
  readonly now: number;
  refresh(): void;
}

/** One line for the whole server, however many threads had such connections. */
export function logCuts(log: Pick<TransportLog, 'warn'>, connections: number): void {
  log.warn({ connections }, 'connections cut off because they were not done in time');
}

export interface TransportLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** An operating error at the start: a message for the user, not a bug. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** The reason, in a few words, why an address could not be listened on. */
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
