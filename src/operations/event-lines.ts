// The lines that watchers get, in memcached's words. The events: observer.ts.

import { encodedKey } from './encoded-key.js';
import { WRITE_KIND_MASK, WriteKind, WriteOption, WriteResult } from './outcomes.js';

const ONLY_CLASS = 1;
/** The class shown for a key without an item. */
const NO_CLASS = 0;
/** memcached writes seconds as unsigned numbers, even for an expiry that has passed. */
const unsigned = (seconds: number): number => seconds >>> 0;

const COMMANDS: Readonly<Record<number, string>> = {
  [WriteKind.set]: 'set',
  [WriteKind.add]: 'add',
  [WriteKind.replace]: 'replace',
  [WriteKind.append]: 'append',
  [WriteKind.prepend]: 'prepend',
};

const STATUSES: Readonly<Partial<Record<WriteResult, string>>> = {
  [WriteResult.stored]: 'stored',
  [WriteResult.notStored]: 'not_stored',
  [WriteResult.exists]: 'exists',
  [WriteResult.notFound]: 'not_found',
  [WriteResult.tooLarge]: 'too_large',
  [WriteResult.noMemory]: 'no_memory',
};

export type FetchStatus = 'found' | 'not_found' | 'expired';

export function fetchLine(key: string, status: FetchStatus, size: number, descriptor: number): string {
  return `type=item_get key=${encodedKey(key)} status=${status} clsid=${status === 'found' ? ONLY_CLASS : NO_CLASS} cfd=${descriptor} size=${size}`;
}

export function storeLine(
  key: string,
  how: number,
  result: WriteResult,
  ttl: number,
  size: number,
  descriptor: number,
): string {
  const kind = how & WRITE_KIND_MASK;
  const command = (how & WriteOption.compareCas) !== 0 && kind < WriteKind.append ? 'cas' : COMMANDS[kind];
  const itemClass = lacksItem(result) ? NO_CLASS : ONLY_CLASS;
  return `type=item_store key=${encodedKey(key)} status=${STATUSES[result] ?? 'error'} cmd=${command} ttl=${unsigned(ttl)} clsid=${itemClass} cfd=${descriptor} size=${size}`;
}

/** The value was refused before there was an item for it. */
export function lacksItem(result: WriteResult): boolean {
  return result === WriteResult.tooLarge || result === WriteResult.noMemory;
}

export function evictionLine(key: string, isFetched: boolean, ttl: number, idleSeconds: number, size: number): string {
  return `type=eviction key=${encodedKey(key)} fetch=${isFetched ? 'yes' : 'no'} ttl=${ttl} la=${idleSeconds} clsid=${ONLY_CLASS} size=${size}`;
}

export function deletionLine(key: string, command: 'delete' | 'md', size: number): string {
  return `type=deleted key=${encodedKey(key)} cmd=${command} clsid=${ONLY_CLASS} size=${size}`;
}

/** `host` is undefined for the client of a Unix socket. */
export function connectionLine(
  type: 'conn_new' | 'conn_close',
  host: string | undefined,
  port: number,
  reason: string | undefined,
  descriptor: number,
): string {
  const transport = host === undefined ? 'local' : 'tcp';
  const ending = reason === undefined ? '' : ` reason=${reason}`;
  return `type=${type} rip=${host ?? 'unix'} rport=${port} transport=${transport}${ending} cfd=${descriptor}`;
}
