// The lines that watchers get, in memcached's words. The events: observer.ts.

import { WRITE_KIND_MASK, WriteKind, WriteOption, WriteResult } from './outcomes.js';

const ONLY_CLASS = 1;

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

export function fetchLine(key: string, size: number | undefined, descriptor: number): string {
  const isFound = size !== undefined;
  return `type=item_get key=${encoded(key)} status=${isFound ? 'found' : 'not_found'} clsid=${isFound ? ONLY_CLASS : 0} cfd=${descriptor} size=${size ?? 0}`;
}

export function storeLine(
  key: string,
  how: number,
  result: WriteResult,
  ttl: number,
  size: number,
  descriptor: number,
): string {
  const command = (how & WriteOption.compareCas) !== 0 ? 'cas' : COMMANDS[how & WRITE_KIND_MASK];
  return `type=item_store key=${encoded(key)} status=${STATUSES[result] ?? 'error'} cmd=${command} ttl=${ttl} clsid=${ONLY_CLASS} cfd=${descriptor} size=${size}`;
}

export function evictionLine(key: string, isFetched: boolean, ttl: number, idleSeconds: number, size: number): string {
  return `type=eviction key=${encoded(key)} fetch=${isFetched ? 'yes' : 'no'} ttl=${ttl} la=${idleSeconds} clsid=${ONLY_CLASS} size=${size}`;
}

export function deletionLine(key: string, size: number): string {
  return `type=deleted key=${encoded(key)} cmd=delete clsid=${ONLY_CLASS} size=${size}`;
}

/** A key in memcached's encoding: every byte is encoded except letters, digits and a few marks. */
function encoded(key: string): string {
  return key.replace(
    /[^A-Za-z0-9\-._~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
