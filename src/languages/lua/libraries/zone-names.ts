// Short names of time zones, such as CEST, as C's strftime has them: from the operating system's zone files, since JavaScript knows most
// zones only as GMT+2. Offsets come from Date.

import { readFileSync } from 'node:fs';

interface ZoneType {
  readonly offsetSeconds: number;
  readonly name: string;
}

interface Zone {
  /** Unix seconds from which a type holds. */
  readonly times: readonly number[];
  readonly types: readonly ZoneType[];
  /** The rule after the last of them, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`. */
  readonly rule: string;
}

const ZONE_DIRECTORY = '/usr/share/zoneinfo/';
const LOCAL_ZONE = '/etc/localtime';
const HEADER_BYTES = 44;
/** A name of a rule, and how many hours it is behind UTC. */
const RULE = /^(<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)(?:(<[^>]+>|[A-Za-z]+))?/;

let known: { readonly variable: string | undefined; readonly zone: Zone | undefined } | undefined;

/** The name of local time with this offset from UTC in seconds; undefined when the OS has no file for the zone. */
export function zoneNameAt(unixSeconds: number, offsetSeconds: number): string | undefined {
  const variable = process.env.TZ;
  if (known === undefined || known.variable !== variable) known = { variable, zone: readZone(variable) };
  const { zone } = known;
  return zone === undefined ? undefined : nameIn(zone, unixSeconds, offsetSeconds);
}

function nameIn({ times, types, rule }: Zone, unixSeconds: number, offsetSeconds: number): string | undefined {
  if (rule !== '' && (times.length === 0 || unixSeconds >= (times.at(-1) as number))) {
    return nameInRule(rule, offsetSeconds);
  }
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= unixSeconds) low = middle + 1;
    else high = middle;
  }
  const type = types[Math.max(0, low - 1)];
  return type?.offsetSeconds === offsetSeconds
    ? type.name
    : types.findLast((other) => other.offsetSeconds === offsetSeconds)?.name;
}

function nameInRule(rule: string, offsetSeconds: number): string | undefined {
  const [, standard, behind, daylight] = RULE.exec(rule) ?? [];
  if (standard === undefined || behind === undefined) return undefined;
  const isStandard = -secondsOf(behind) === offsetSeconds;
  return (isStandard ? standard : daylight)?.replace(/[<>]/g, '');
}

function secondsOf(hours: string): number {
  const [hour = 0, minute = 0, second = 0] = hours.replace(/^[-+]/, '').split(':').map(Number);
  return (hour * 3600 + minute * 60 + second) * (hours.startsWith('-') ? -1 : 1);
}

function readZone(variable: string | undefined): Zone | undefined {
  const name = variable?.replace(/^:/, '');
  if (name?.includes('..')) return undefined;
  try {
    return parseZone(readFileSync(name === undefined || name === '' ? LOCAL_ZONE : `${ZONE_DIRECTORY}${name}`));
  } catch {
    return undefined;
  }
}

/** The format of RFC 9636; its second part, which counts in 64 bits. */
function parseZone(bytes: Buffer): Zone | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'TZif' || bytes[4] === 0) return undefined;
  const first = countsAt(bytes, 0);
  const start = HEADER_BYTES + bodyBytes(first, 4);
  const { times, types, characters } = countsAt(bytes, start);
  const timesAt = start + HEADER_BYTES;
  const indicesAt = timesAt + times * 8;
  const typesAt = indicesAt + times;
  const namesAt = typesAt + types * 6;
  const names = bytes.toString('latin1', namesAt, namesAt + characters);
  const typeList = Array.from({ length: types }, (_, index) => {
    const from = bytes[typesAt + index * 6 + 5];
    return {
      offsetSeconds: bytes.readInt32BE(typesAt + index * 6),
      name: names.slice(from, names.indexOf('\0', from)),
    };
  });
  const endAt = start + HEADER_BYTES + bodyBytes(countsAt(bytes, start), 8);
  return {
    times: Array.from({ length: times }, (_, index) => Number(bytes.readBigInt64BE(timesAt + index * 8))),
    types: Array.from({ length: times }, (_, index) => typeList[bytes[indicesAt + index]] as ZoneType),
    rule: bytes.toString('latin1', endAt).trim(),
  };
}

type Counts = ReturnType<typeof countsAt>;

function countsAt(bytes: Buffer, at: number) {
  const count = (index: number) => bytes.readUInt32BE(at + 20 + index * 4);
  return {
    universals: count(0),
    standards: count(1),
    leaps: count(2),
    times: count(3),
    types: count(4),
    characters: count(5),
  };
}

function bodyBytes({ universals, standards, leaps, times, types, characters }: Counts, timeBytes: number): number {
  return times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standards + universals;
}
