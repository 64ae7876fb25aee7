// `cacheismo shards check`: prints the server of each key, and which calls would not find all of their objects on it.

import { existsSync, readdirSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { createInterface } from 'node:readline';
import { utf8Decode } from '../../base/latin1.js';
import { MAX_KEY_BYTES } from '../../client/key-of-call.js';
import { typeFolders } from '../config/type-folders.js';
import { StartError } from '../start-error.js';
import { CallRoutes, type RoutedKey, type TagMarks } from './routed-calls.js';
import { chooserOf, parseServers, type ShardServer } from './server-choice.js';

export interface ShardFlags {
  readonly servers: string;
  readonly hash: string;
  readonly distribution: string;
  readonly tag: string;
  readonly types?: string;
}

const FAILED = 1;
/** Of a key that is refused. */
const SHOWN_BYTES = 40;
const TYPE_FILES: readonly string[] = ['.lua', '.ts'];

/** Lines are byte strings; without any, they come from standard input. Throws StartError if a call is split. */
export async function checkShards(
  lines: readonly string[],
  flags: ShardFlags,
  write: (text: string) => void,
): Promise<void> {
  const servers = parseServers(flags.servers);
  const types = typeNames(flags.types);
  const routes = new CallRoutes(chooserOf(servers, flags.hash, flags.distribution), marksOf(flags.tag), (name) =>
    types.has(name),
  );
  const add = (line: string) => {
    demandKeys(line);
    routes.add(line);
  };
  if (lines.length > 0) for (const line of lines) add(line);
  else for await (const line of createInterface({ input: process.stdin.setEncoding('latin1') })) add(line);
  const { keys } = routes;
  for (const routed of keys) write(`${shown(routed)}\n`);
  write(`${servers.map((server) => shareOf(server, keys)).join(', ')}\n`);
  const split = keys.filter((routed) => isSplit(routed)).length;
  if (split > 0) throw new StartError(`${split} of ${keys.length} keys ${split === 1 ? 'is' : 'are'} split`, FAILED);
}

/** Throws for a line with a key that no server accepts. */
function demandKeys(line: string): void {
  for (const key of line.split(/\s+/)) {
    if (key.length <= MAX_KEY_BYTES) continue;
    const start = utf8Decode(key.slice(0, SHOWN_BYTES));
    throw new StartError(
      `the key ${start}... has ${key.length} bytes; servers accept at most ${MAX_KEY_BYTES}`,
      FAILED,
    );
  }
}

function shown({ key, server, split, isChance }: RoutedKey): string {
  const why = split === undefined ? '' : `  ${isChance === true ? 'note' : 'SPLIT'}: ${split}`;
  return `${key}  ${server.address}${why}`;
}

function isSplit({ split, isChance }: RoutedKey): boolean {
  return split !== undefined && isChance !== true;
}

function shareOf(server: ShardServer, keys: readonly RoutedKey[]): string {
  const count = keys.filter((routed) => routed.server === server).length;
  return `${server.address}: ${count} ${count === 1 ? 'key' : 'keys'}`;
}

function marksOf(tag: string): TagMarks {
  if (tag === 'none') return undefined;
  if (tag.length !== 2) throw new StartError(`--tag ${tag}: must be two characters, such as {}, or none`);
  return [tag.charAt(0), tag.charAt(1)];
}

/** A type has the name of its file; the names tell calls from plain keys with colons. */
function typeNames(given: string | undefined): ReadonlySet<string> {
  const folders = typeFolders({ scripts: [], plugins: [] }, process.cwd()).map(({ path }) => path);
  const files = folders.filter((path) => existsSync(path)).flatMap((path) => readdirSync(path));
  const names = files.filter((file) => TYPE_FILES.includes(extname(file))).map((file) => basename(file, extname(file)));
  return new Set([...names, ...(given ?? '').split(',')]);
}
