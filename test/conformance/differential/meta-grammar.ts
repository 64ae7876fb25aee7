// Random commands of the meta protocol, well-formed and not, with some of the text protocol on the same connection and keys. Not for what
// memcached answers otherwise: that is left out or adjusted by differences.ts, which says why.

import { DELTAS, EXPIRY_TIMES, type Grammar, KEYS, NUMBERS, type Pick, TOO_LONG_KEY, WORDS } from './grammar.js';

const MARK = 'mn\r\n';
const MARK_REPLY = 'MN\r\n';
/** CAS values that commands set: far from those that a server counts up to. */
const CHOSEN_CAS: readonly string[] = ['9000000001', '9000000002', '18446744073709551614'];
/** The token for a key whose token was not shown: newer than those that a server reaches, so that with I it does not count as old. */
const UNKNOWN_TOKEN = '9999999999';
const TOKEN = /\{token of ([^}]*)\}/g;
const BASE64_KEYS: readonly string[] = ['ZQ==', 'Zjg=', 'AAECAw==', 'a2V5IHdpdGggYmxhbmtz'];
const BAD_BASE64: readonly string[] = ['YQ=', '!!!!', 'a'];
/** Without the one that is so far ahead that its remaining time depends on the second. */
const TIMES: readonly string[] = [...EXPIRY_TIMES.filter((time) => time !== '2147483647'), '+100'];
/** None that is reached while a sequence runs by an item that expires after one of TIMES. */
const RECACHE_TIMES: readonly string[] = ['0', '30', '101', '+101', '-1', '2592001', '4294967295'];
/** Each wrong in itself or, twice, together. */
const WRONG_FLAGS: readonly string[] = [
  ...[
    'Tx',
    'T',
    'Nx',
    'N',
    'Rx',
    'Cx',
    'C',
    'Dx',
    'Jx',
    'Fx',
    'F-1',
    'z',
    'T9223372036854775808',
    'C18446744073709551616',
  ],
  ...['v', 'v', 'k', 'k', 'c', 'q', 'T100', 'N0', 'F1', 'C+1', 'D+1', `O${'1'.repeat(31)}`],
];
const JOINING_MODES: readonly string[] = ['A', 'P'];

const TOO_LONG_OPAQUE = `O${'1'.repeat(33)}`;

const BAD_LINES: readonly string[] = [
  ...[
    'mg',
    'ms',
    'md',
    'ma',
    'me',
    'mx',
    'mg ',
    'ms a',
    'ms a x',
    'ms a S1',
    'mg a !',
    'mg a v v',
    'me a b c',
    'me zz ! v v',
  ],
  ...[
    'mg\ta',
    'mg a Jx',
    'mg a Dx',
    'mg a MZZ',
    'mg a S1',
    'mg a P v',
    'ms a 1 b\r\nx',
    'ma a b',
    'ma a q q',
    'ma a O1 L2 P3',
  ],
  ...[
    'mg a N',
    'mg a Nx',
    'mg a T',
    'mg a Tx',
    'mg a Rx',
    'md a Cx',
    'md a C',
    'ma a D',
    'ma a Dx',
    'ma a MZ',
    'ma a Jx',
  ],
  ...[`mg ${TOO_LONG_KEY} v`, `md ${TOO_LONG_KEY}`, `ma ${TOO_LONG_KEY}`, `me ${TOO_LONG_KEY}`],
  ...[
    `mg a ${TOO_LONG_OPAQUE} Tx`,
    `mg a v ${TOO_LONG_OPAQUE} v`,
    `ma a ${TOO_LONG_OPAQUE} MZ`,
    `ma a Tx ${TOO_LONG_OPAQUE}`,
  ],
  ...[`mg zz ${TOO_LONG_OPAQUE}`, `ma zz ${TOO_LONG_OPAQUE}`, `mg a${' k'.repeat(40)}`, 'mg a b v', 'mg YQ b v'],
];

export const META: Grammar = {
  protocol: 'meta',
  flush: { title: 'flush_all', bytes: () => latin1('flush_all\r\n') },
  chosenCas: new Set(CHOSEN_CAS),
  next(pick) {
    const text = command(pick);
    return {
      title: text,
      bytes: (tokens) => latin1(text.replace(TOKEN, (_all, key: string) => tokens.get(key) ?? UNKNOWN_TOKEN)),
    };
  },
  mark: () => latin1(MARK),
  split(received) {
    return received.toString('latin1').split(MARK_REPLY).slice(0, -1).map(latin1);
  },
  tokensOf(reply) {
    const lines = reply.toString('latin1').matchAll(/^(?:HD|VA \d+|VALUE) .*/gm);
    return new Map([...lines].flatMap(([line]) => tokenOf(line)));
  },
};

/** The key and the CAS value of a reply that shows both. */
function tokenOf(line: string): readonly (readonly [string, string])[] {
  const gets = /^VALUE (\S+) \d+ \d+ (\d+)/.exec(line);
  if (gets !== null) return [[gets[1], gets[2]]];
  const [key, cas] = [/ k(\S+)/.exec(line)?.[1], / c(\d+)/.exec(line)?.[1]];
  return key === undefined || cas === undefined ? [] : [[key, cas]];
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Some of the flags, in any order, none twice. */
function some(pick: Pick, flags: readonly string[]): string {
  const chosen = flags.filter(() => pick.rarely(4));
  const mixed = chosen.map((flag) => [pick.below(1000), flag] as const).sort(([a], [b]) => a - b);
  return mixed.map(([, flag]) => ` ${flag}`).join('');
}

function token(pick: Pick, key: string): string {
  // memcached does not always show a key in base64 as it was sent, by which its token would be known.
  if (BASE64_KEYS.includes(key)) return pick.of(CHOSEN_CAS);
  return pick.of([...CHOSEN_CAS, '0', '1', ...Array<string>(4).fill(`{token of ${key}}`)]);
}

/** A key, and the flag that it needs. */
function keyOf(pick: Pick): readonly [key: string, flag: string] {
  if (!pick.rarely(6)) return [pick.of(KEYS), ''];
  return [pick.of(pick.rarely(4) ? BAD_BASE64 : BASE64_KEYS), ' b'];
}

function command(pick: Pick): string {
  const [key, flag] = keyOf(pick);
  const common = ['k', `O${pick.below(1000)}`, 'q'];
  switch (pick.below(15)) {
    case 0:
    case 1:
    case 2:
      return get(pick, key, flag, common);
    case 3:
    case 4:
    case 5:
      return set(pick, key, flag, common);
    case 6: {
      const flags = [...common, `C${token(pick, key)}`, 'I', `T${pick.of(TIMES)}`];
      return `md ${key}${flag}${some(pick, flags)}\r\n`;
    }
    case 7:
    case 8:
      return arithmetic(pick, key, flag, common);
    case 9:
      return `mg ${key}${flag} k c v\r\n`;
    case 10:
      return wrong(pick, key, flag);
    case 11:
    case 12:
      return text(pick, pick.of(KEYS));
    case 13:
      return pick.rarely(8) ? 'flush_all\r\n' : `mg ${key}${flag} s v f t c k\r\n`;
    default:
      return `${pick.of(BAD_LINES)}\r\n`;
  }
}

function get(pick: Pick, key: string, flag: string, common: readonly string[]): string {
  const shown = ['c', 'f', 'h', 's', 't', 'v', 'v', 'u'].filter((_flag, index) => index !== 5 || pick.rarely(2));
  const changed = [`N${pick.of(TIMES)}`, `R${pick.of(RECACHE_TIMES)}`, `T${pick.of(TIMES)}`];
  return `mg ${key}${flag}${some(pick, [...new Set([...common, ...shown, ...changed])])}\r\n`;
}

function set(pick: Pick, key: string, flag: string, common: readonly string[]): string {
  const value = pick.of(pick.rarely(2) ? WORDS : NUMBERS);
  const mode = pick.of(['E', 'A', 'P', 'R', 'S', 'S', 'append', 'Z']);
  const flags = [
    ...[...common, 'c', `F${pick.of(['0', '1', '4294967295'])}`, `T${pick.of(TIMES)}`, `C${token(pick, key)}`, 'I'],
    `M${mode}`,
    ...(JOINING_MODES.includes(mode) ? [] : [`N${pick.of(TIMES)}`]),
  ];
  const length = pick.rarely(12) ? value.length + 1 : value.length;
  const rest = length === value.length ? '' : `${'f'.repeat(8)}\r\n`;
  return `ms ${key} ${length}${flag}${some(pick, flags)}\r\n${value}\r\n${rest}`;
}

/** Several flags, most of them wrong: md has one line for all in 1.6.18. */
function wrong(pick: Pick, key: string, flag: string): string {
  const flags = Array.from({ length: 1 + pick.below(4) }, () => pick.of(WRONG_FLAGS));
  flags.splice(pick.below(flags.length + 1), 0, ...(flag === '' ? [] : ['b']));
  const kind = pick.of(['mg', 'ms', 'ma']);
  if (kind === 'ms') return `ms ${key} 3 ${flags.join(' ')}\r\nabc\r\n`;
  if (kind === 'mg') return `mg ${key} ${flags.join(' ')}\r\n`;
  // q would hide that an item is created, and the value is set again, as after any ma.
  return `ma ${key} ${flags.filter((one) => one !== 'q').join(' ')}\r\nms ${key} 2${flag}\r\n10\r\n`;
}

function text(pick: Pick, key: string): string {
  const value = pick.of(WORDS);
  const store = `${pick.of(['set', 'add', 'replace', 'append', 'prepend'])} ${key} 5 ${pick.of(TIMES)} ${value.length}`;
  return pick.of([
    `gets ${key}\r\n`,
    `gats ${pick.of(TIMES)} ${key} ${pick.of(KEYS)}\r\n`,
    `touch ${key} ${pick.of(TIMES)}\r\n`,
    `delete ${key}\r\n`,
    `${store}${pick.rarely(3) ? ' noreply' : ''}\r\n${value}\r\n`,
    `${store}\r\n${value}\r\n`,
    `cas ${key} 7 0 1 ${token(pick, key)}\r\nw\r\n`,
  ]);
}

/** memcached changes an item in place, padding it with blanks, unless a reply with it has yet to be sent: the value is set again, so that
    later replies do not depend on that. */
function arithmetic(pick: Pick, key: string, flag: string, common: readonly string[]): string {
  const makes = pick.rarely(2);
  const flags = [
    ...common.filter((flag) => flag !== 'q' || !makes),
    ...['t', 'c', 'v', ...(makes ? [`N${pick.of(TIMES)}`] : []), `J${pick.of(NUMBERS)}`, `D${pick.of(DELTAS)}`],
    ...[`T${pick.of(TIMES)}`, `M${pick.of(['I', 'D', '+', '-', 'i', 'd'])}`, `C${token(pick, key)}`],
  ];
  return `ma ${key}${flag}${some(pick, flags)}\r\nms ${key} 2${flag}\r\n${10 + pick.below(90)}\r\n`;
}
