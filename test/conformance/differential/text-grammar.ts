// Random commands of the text protocol, valid and invalid. differences.ts lists the requests that are left out, or whose replies are
// adjusted, because memcached's reply differs.

import { DELTAS, EXPIRY_TIMES, type Grammar, KEYS, NUMBERS, type Pick, TOO_LONG_KEY, WORDS } from './grammar.js';

const MARK = 'version\r\n';
const MARK_REPLY = /VERSION [^\r\n]*\r\n/g;
const FLAGS: readonly string[] = ['0', '0', '1', '65535', '4294967295', '007'];
const LARGE_BYTES: readonly number[] = [16_384, 65_536, 500_000, 1_000_000];
const TOO_LARGE_BYTES: readonly number[] = [1_048_576, 2_000_000];
const BAD_LENGTHS: readonly string[] = ['-1', 'x', '1e3', '0x10', '9'.repeat(400)];
const BAD_FLAGS: readonly string[] = ['-1', 'x', '1.5', '9'.repeat(30)];
const BAD_TIMES: readonly string[] = ['x', '1e3', '--1', '9223372036854775808'];
const BAD_DELTAS: readonly string[] = ['x', '-1', '1e3', '18446744073709551616', ''];
const BAD_TOKENS: readonly string[] = ['x', '-1', '18446744073709551616'];
/** With such a key memcached forgets the replies to what was sent before in the same piece. */
const DROPS_EARLIER_REPLIES = new RegExp(`^(?:gets?|gats? 0) ${TOO_LONG_KEY}`);
/** The placeholder in a command for the CAS value of the key. */
const TOKEN = /\{token of ([^}]*)\}/g;

const BAD_LINES: readonly string[] = [
  ...['', ' ', 'foo', 'foo a b', 'GET a', 'geta', 'x', 'get', 'gets', 'get ', 'set', 'set a', 'set a 0', 'cas'],
  ...['incr', 'incr a', 'decr a', 'delete', 'touch', 'touch a', 'touch a x', 'gat', 'gat 0', 'gats x a'],
  ...['verbosity', 'flush_all x', 'lru', 'lru_crawler', 'slabs', 'lru mode', 'stats foo', 'stats a b c d'],
  ...['cache_memlimit', 'shutdown', 'add a 0 0', 'append a 0 0 x', 'misbehave'],
  ...[`incr ${TOO_LONG_KEY} 1`, `delete ${TOO_LONG_KEY}`, `touch ${TOO_LONG_KEY} 0`, `gat 0 ${TOO_LONG_KEY}`],
  ...[`get ${TOO_LONG_KEY}`, `get${' a'.repeat(1500)}`, 'x'.repeat(1500)],
];

export const TEXT: Grammar = {
  protocol: 'text',
  flush: { title: 'flush_all', bytes: () => latin1('flush_all\r\n') },
  chosenCas: new Set(),
  next(pick) {
    const text = command(pick);
    return {
      title: text,
      isAlone: DROPS_EARLIER_REPLIES.test(text),
      bytes: (tokens) => latin1(text.replace(TOKEN, (_all, key: string) => tokens.get(key) ?? '77')),
    };
  },
  mark: () => latin1(MARK),
  split(received) {
    const parts = received.toString('latin1').split(MARK_REPLY);
    return parts.slice(0, -1).map(latin1);
  },
  tokensOf(reply) {
    const found = reply.toString('latin1').matchAll(/^VALUE (\S+) \d+ \d+ (\d+)\r\n/gm);
    return new Map([...found].map((match) => [match[1], match[2]]));
  },
};

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function command(pick: Pick): string {
  const key = pick.of(KEYS);
  const noreply = pick.rarely(4) ? ' noreply' : '';
  switch (pick.below(16)) {
    case 0:
    case 1:
    case 2:
      return storage(pick, key, noreply);
    case 3:
      return `cas ${key} ${pick.of(FLAGS)} ${pick.of(EXPIRY_TIMES)} 1 ${token(pick, key)}${noreply}\r\nc\r\n`;
    case 4:
    case 5:
      return `${pick.of(['get', 'gets', 'gets'])} ${keys(pick)}\r\n`;
    case 6:
      return `${pick.of(['gat', 'gats'])} ${pick.of(EXPIRY_TIMES)} ${keys(pick)}\r\n`;
    case 7:
      return `touch ${key} ${pick.of(EXPIRY_TIMES)}${noreply}\r\n`;
    case 8:
    case 9:
      return arithmetic(pick, key, noreply);
    case 10:
      return `delete ${key}${pick.of(['', '', ' 0'])}${noreply}\r\n`;
    case 11:
      return pick.rarely(8) ? large(pick, key, noreply) : `gets ${keys(pick)}\r\n`;
    case 12:
      return pick.rarely(6) ? `flush_all${pick.of(['', ' 0', ' -1'])}${noreply}\r\n` : `gets ${key}\r\n`;
    case 13:
      return refused(pick, key);
    case 14:
      return shortOrLong(pick, key, noreply);
    default:
      return `${pick.of(BAD_LINES)}${pick.of(['\r\n', '\n'])}`;
  }
}

function keys(pick: Pick): string {
  return Array.from({ length: 1 + pick.below(4) }, () => pick.of(KEYS)).join(pick.of([' ', '  ']));
}

function storage(pick: Pick, key: string, noreply: string): string {
  const kind = pick.of(['set', 'set', 'add', 'replace', 'append', 'prepend']);
  const value = pick.of(pick.rarely(2) ? WORDS : NUMBERS);
  const words = [kind, key, pick.of(FLAGS), pick.of(EXPIRY_TIMES), String(value.length)];
  return `${words.join(pick.rarely(9) ? '  ' : ' ')}${noreply}${pick.of(['\r\n', '\n'])}${value}\r\n`;
}

function token(pick: Pick, key: string): string {
  return pick.of(['0', '1', '18446744073709551615', `{token of ${key}}`, `{token of ${key}}`, `{token of ${key}}`]);
}

/** memcached changes an item in place, padding it with blanks, unless a reply with it has yet to be sent: the value is set again, so that
    later replies do not depend on that. */
function arithmetic(pick: Pick, key: string, noreply: string): string {
  const delta = pick.of(pick.rarely(6) ? BAD_DELTAS : DELTAS);
  return `${pick.of(['incr', 'decr'])} ${key} ${delta}${noreply}\r\nset ${key} 0 0 2\r\n${10 + pick.below(90)}\r\n`;
}

function large(pick: Pick, key: string, noreply: string): string {
  const length = pick.of(pick.rarely(3) ? TOO_LARGE_BYTES : LARGE_BYTES);
  // Deleted immediately: the values of a few keys must not make either server evict.
  const value = 'v'.repeat(length);
  return `set ${key} 3 0 ${length}${noreply}\r\n${value}\r\nget ${key}\r\ndelete ${key}\r\n`;
}

function refused(pick: Pick, key: string): string {
  const kind = pick.of(['set', 'add', 'replace', 'append', 'prepend']);
  const [flags, time, length] = [pick.of(FLAGS), pick.of(EXPIRY_TIMES), '3'];
  const line = pick.of([
    `${kind} ${key} ${pick.of(BAD_FLAGS)} ${time} ${length}`,
    `${kind} ${key} ${flags} ${pick.of(BAD_TIMES)} ${length}`,
    `${kind} ${key} ${flags} ${time} ${pick.of(BAD_LENGTHS)}`,
    `${kind} ${TOO_LONG_KEY} ${flags} ${time} ${length}`,
    `cas ${key} ${flags} ${time} ${length} ${pick.of(BAD_TOKENS)}`,
    `cas ${key} ${flags} ${time} ${length}`,
  ]);
  return `${line}\r\nzzz\r\n`;
}

/** A block that is shorter or longer than its length. The lines after a short one become part of the block. */
function shortOrLong(pick: Pick, key: string, noreply: string): string {
  const head = `${pick.of(['set', 'add', 'append'])} ${key} 0 0`;
  if (pick.rarely(2)) return `${head} 1${noreply}\r\n${'xyz'.repeat(1 + pick.below(9))}\r\n`;
  return `${head} 20${noreply}\r\nab\r\n${'f'.repeat(40)}\r\n`;
}
