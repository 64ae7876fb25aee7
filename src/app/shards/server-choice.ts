// Chooses the server of a key as nutcracker and libmemcached do, from a list of servers, a hash and a distribution.

import { StartError } from '../start-error.js';
import { KEY_HASHES, md5Part } from './key-hashes.js';

export interface ShardServer {
  /** Shown to the user: the address. */
  readonly address: string;
  /** What its points on the ring are made of. */
  readonly pointName: string;
  readonly weight: number;
}

export type ChooseServer = (key: string) => ShardServer;

/** Both programs leave memcached's port out of the names of points. */
const DEFAULT_PORT = '11211';
const MAX_PORT = 65535;

/** Points of a server of average weight: those of ketama, four from each digest, and those of libmemcached without weights. */
const KETAMA_POINTS = 160;
const CONSISTENT_POINTS = 100;
const POINTS_PER_DIGEST = 4;

interface Point {
  readonly value: number;
  readonly server: ShardServer;
}

type HashOfKey = (bytes: Uint8Array) => number;

/** Returns the server of a hash. */
type Distribution = (servers: readonly ShardServer[], hash: HashOfKey) => (hashOfKey: number) => ShardServer;

const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  ketama: (servers) => ringOf(servers.flatMap((server) => ketamaPoints(server, servers))),
  consistent: (servers, hash) => ringOf(servers.flatMap((server) => consistentPoints(server, hash))),
  modula: (servers) => {
    const slots = servers.flatMap((server) => new Array<ShardServer>(server.weight).fill(server));
    return (hash) => slots[hash % slots.length];
  },
};

const HASH_NAMES: readonly string[] = Object.keys(KEY_HASHES);
const DISTRIBUTION_NAMES: readonly string[] = Object.keys(DISTRIBUTIONS);

export function chooserOf(servers: readonly ShardServer[], hashName: string, distributionName: string): ChooseServer {
  const hash = HASH_NAMES.includes(hashName) ? KEY_HASHES[hashName] : undefined;
  const distribution = DISTRIBUTION_NAMES.includes(distributionName) ? DISTRIBUTIONS[distributionName] : undefined;
  if (hash === undefined) throw new StartError(`--hash ${hashName}: must be one of ${HASH_NAMES.join(', ')}`);
  if (distribution === undefined) {
    throw new StartError(`--distribution ${distributionName}: must be one of ${DISTRIBUTION_NAMES.join(', ')}`);
  }
  const choose = distribution(servers, hash);
  return (key) => choose(hash(Buffer.from(key, 'latin1')));
}

/** Parses `name=host:port:weight,...`, where name and weight may be left out. */
export function parseServers(text: string): readonly ShardServer[] {
  const servers = text.split(',').map(parseServer);
  const addresses = servers.map(({ address }) => address);
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice !== undefined) throw new StartError(`--servers: ${twice} is in the list twice`);
  return servers;
}

function parseServer(text: string): ShardServer {
  const found = /^(?:([^\s=]+)=)?([^\s:=]+):(\d{1,5})(?::([1-9]\d{0,3}))?$/.exec(text.trim());
  const [, name, host = '', port = '', weight = '1'] = found ?? [];
  if (found === null || Number(port) < 1 || Number(port) > MAX_PORT) {
    throw new StartError(
      `--servers ${text}: must be host:port, or name=host:port:weight; ports are 1 to ${MAX_PORT}, weights 1 to 9999`,
    );
  }
  const address = `${host}:${port}`;
  return { address, pointName: name ?? (port === DEFAULT_PORT ? host : address), weight: Number(weight) };
}

/** In floats, as the programs compute it, since the result is rounded down. */
function ketamaPoints(server: ShardServer, servers: readonly ShardServer[]): Point[] {
  const { fround } = Math;
  const total = servers.reduce((sum, { weight }) => sum + weight, 0);
  const share = fround(server.weight / total);
  const digests = Math.floor(
    fround(fround(fround(fround(share * KETAMA_POINTS) / POINTS_PER_DIGEST) * servers.length) + 1e-10),
  );
  return Array.from({ length: digests }, (_, index) => pointText(server, index)).flatMap((text) =>
    Array.from({ length: POINTS_PER_DIGEST }, (_, part) => ({ value: md5Part(text, part), server })),
  );
}

function consistentPoints(server: ShardServer, hash: HashOfKey): Point[] {
  return Array.from({ length: CONSISTENT_POINTS }, (_, index) => ({ value: hash(pointText(server, index)), server }));
}

function pointText({ pointName }: ShardServer, index: number): Uint8Array {
  return Buffer.from(`${pointName}-${index}`, 'latin1');
}

/** The first point at the hash or after it; after the last one follows the first. */
function ringOf(points: Point[]): (hash: number) => ShardServer {
  points.sort((first, second) => first.value - second.value);
  return (hash) => (points.find(({ value }) => value >= hash) ?? points[0]).server;
}
