// Replaces the parts of replies that differ between servers or moments (CAS values, times, versions and memory figures), so that the rest
// can be compared.

import type { ProtocolName } from './load.js';

const HEADER_BYTES = 24;
const CAS_AT = 16;
const VERSION_OPCODE = 0x0b;

/** One per conversation and server: equal CAS values get equal names, in the order in which they appear. */
export class Volatile {
  readonly #names = new Map<string, string>();

  /** `chosen` are CAS values that the client itself chose: they are compared as they are. */
  constructor(
    private readonly protocol: ProtocolName,
    private readonly chosen: ReadonlySet<string>,
  ) {}

  /** The reply as text, in latin1 or hexadecimal. With `keep`, the names given are kept for later replies. */
  replace(reply: Buffer, keep: boolean): string {
    const names = keep ? this.#names : new Map(this.#names);
    const name = (cas: string): string => {
      if (cas === '0' || this.chosen.has(cas)) return cas;
      if (!names.has(cas)) names.set(cas, `cas${names.size}`);
      return names.get(cas) as string;
    };
    return this.protocol === 'binary' ? binary(reply, name) : text(reply.toString('latin1'), name);
  }
}

/** The CAS values that requests of the meta protocol set by `E`. */
export function chosenCas(requests: readonly Buffer[]): ReadonlySet<string> {
  const found = requests.flatMap((request) => [...request.toString('latin1').matchAll(/ E(\d+)\b/g)]);
  return new Set(found.map((match) => match[1]));
}

type NameOf = (cas: string) => string;

function text(reply: string, name: NameOf): string {
  return reply
    .replace(/^(VALUE \S+ \d+ \d+ )(\d+)(?=\r\n)/gm, (_all, before: string, cas: string) => before + name(cas))
    .replace(/^VERSION .*/gm, 'VERSION *')
    .replace(/^(STAT \S+ )\d[\d.]*(?=\r\n)/gm, '$1*')
    .replace(/^key=.*/gm, dumped)
    .replace(/(?:^(?:key=|mg )[^\n]*\n)+/gm, inOrder)
    .replace(/^(ITEM \S+ \[\d+ b; )[1-9]\d*( s\])/gm, '$1*$2')
    .replace(/^(?:HD|VA \d+|EN|NF|NS|EX)(?= ).*/gm, (line) => metaFlags(line, name));
}

/** The place of an item and its time of expiry differ between servers. */
function dumped(line: string): string {
  return line.replace(/ (exp|la|cas|size|cls)=\d+/g, ' $1=*');
}

/** Rows of a dump come in the order of the hash index. */
function inOrder(rows: string): string {
  return rows
    .split(/(?<=\n)/)
    .sort()
    .join('');
}

function metaFlags(line: string, name: NameOf): string {
  return line
    .replace(/ c(\d+)/g, (_all, cas: string) => ` c${name(cas)}`)
    .replace(/ t(\d+)/g, (_all, seconds: string) => ` t${Math.ceil(Number(seconds) / 5) * 5}`)
    .replace(/ l[0-3](?!\d)/g, ' l0');
}

function binary(reply: Buffer, name: NameOf): string {
  const parts: string[] = [];
  let at = 0;
  while (reply[at] === 0x81 && at + HEADER_BYTES <= reply.length) {
    const end = at + HEADER_BYTES + reply.readUInt32BE(at + 8);
    const cas = name(String(reply.readBigUInt64BE(at + CAS_AT)));
    const isVersion = reply[at + 1] === VERSION_OPCODE && end <= reply.length;
    const head = isVersion ? '81 version' : reply.toString('hex', at, at + CAS_AT);
    parts.push(head, cas, isVersion ? '*' : reply.toString('hex', at + HEADER_BYTES, end), '\n');
    at = end;
  }
  return `${parts.join(' ')}${reply.toString('hex', at)}`;
}
