// Reads the recorded conversations: the requests of a client to memcached 1.6.45 and the replies.
//
//     # name of a conversation, played on a fresh server
//     flags -M             the server's flags, if any
//     > get a\r\n          the request; in binary.txt hexadecimal, with blanks between the fields of a header
//     < END\r\n            the reply; there was none if this line is missing
//     closed               the server then closed the connection; the following requests are sent on a new one
//     wait 3.2             seconds in which nothing was sent
//
// \r \n \t \\ and \x01 are single bytes; {k*250} is k 250 times.

import { readFileSync } from 'node:fs';

export type ProtocolName = 'text' | 'meta' | 'binary';

export interface Step {
  /** The text in the file. */
  readonly written: string;
  readonly send: Buffer;
  readonly reply: Buffer;
  readonly isClosed: boolean;
  readonly waitSeconds: number;
}

export interface Conversation {
  readonly protocol: ProtocolName;
  readonly name: string;
  readonly flags: readonly string[];
  readonly steps: readonly Step[];
}

const REPEATED = /\{([^{}*]+)\*(\d+)\}/g;
const ESCAPED = /\\(?:x([0-9a-f]{2})|([rnt\\]))/g;
const CONTROLS: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

/** The bytes of a reply or request from its text in the files. */
export function bytesOf(protocol: ProtocolName, written: string): Buffer {
  const long = written.replace(REPEATED, (_all, part: string, times: string) => part.repeat(Number(times)));
  if (protocol === 'binary') return Buffer.from(long.replaceAll(' ', ''), 'hex');
  const plain = long.replace(ESCAPED, (_all, hex: string | undefined, control: string) =>
    hex === undefined ? CONTROLS[control] : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1');
}

export function loadConversations(protocol: ProtocolName): readonly Conversation[] {
  const text = readFileSync(new URL(`${protocol}.txt`, import.meta.url), 'utf8');
  return text
    .split(/^# /m)
    .slice(1)
    .map((part) => conversation(protocol, part.trimEnd().split('\n')));
}

function conversation(protocol: ProtocolName, [name, ...lines]: readonly string[]): Conversation {
  const steps: Step[] = [];
  let flags: readonly string[] = [];
  for (const line of lines) {
    const [, word, rest] = /^(\S+) ?(.*)$/.exec(line) as unknown as [string, string, string];
    const last = steps.at(-1) as Step;
    if (word === 'flags') flags = rest.split(' ');
    else if (word === '>') steps.push({ ...PAUSE, written: rest, send: bytesOf(protocol, rest) });
    else if (word === '<') steps[steps.length - 1] = { ...last, reply: bytesOf(protocol, rest) };
    else if (word === 'closed') steps[steps.length - 1] = { ...last, isClosed: true };
    else if (word === 'wait') steps.push({ ...PAUSE, written: line, waitSeconds: Number(rest) });
    else throw new Error(`${protocol}.txt, ${name}: unknown line ${JSON.stringify(line)}`);
  }
  return { protocol, name: name, flags, steps };
}

const PAUSE: Step = { written: '', send: Buffer.alloc(0), reply: Buffer.alloc(0), isClosed: false, waitSeconds: 0 };

/** The names and values of `stats` and its topics on a fresh server, by the heading in the file. */
export function loadStatistics(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const text = readFileSync(new URL('stats.txt', import.meta.url), 'utf8');
  const parts = text.split(/^# /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [name, ...lines] = part.trimEnd().split('\n');
      return [name, new Map(lines.map((line) => line.split(' ') as [string, string]))];
    }),
  );
}
