// The differences that the comparison with the installed memcached, 1.6.18, must ignore, with the reason. Differences from 1.6.45:
// recorded/differences.ts.

import type { ProtocolName } from '../recorded/load.js';

/** Requests that the grammars leave out, because the two servers intentionally give different replies. */
export const LEFT_OUT: readonly string[] = [
  'a number is set again after incr and decr, since memcached makes a new item instead of padding it with blanks while a reply with it has yet to be sent',
  'incr and decr of a value of more than 61 KiB that begins with a number and a blank: no number here; memcached replaces all of it by blanks',
  'text: control characters around numbers of a line: memcached accepts them, this server does not',
  'text: NUL in keys: memcached ends the line there',
  'text: a get of a key that is too long, after other keys or requests: memcached drops the replies to these',
  'text: flush_all with a delay: in memcached it restores items that an earlier flush_all has removed',
  'text: lines of more than 2048 bytes that are not a get: memcached closes the connection or waits for the end of the line',
  'meta: features since 1.6.18, the flags E and x, s of ms, and N with append: they are among the recorded conversations',
  'meta: q of an ma that creates an item: since 1.6.42, as here, it hides that; 1.6.18 shows it',
  'meta: an opaque token that is too long: memcached refuses it after the change, this server before it',
  'meta: a value that is too large removes the old one here only in the mode S without C, in memcached in any mode',
  'meta: C of mg with the token of the item: 1.6.18 ignores it; since 1.6.42, as here, the value is not sent',
  'meta: a token M of several letters: here, as in 1.6.18, it is refused; since 1.6.42 the first letter counts',
  'meta: md x leaves, since 1.6.42 and here, an empty item with the expiry of T and the flags of F; its token is new here, and the old one in memcached',
  'meta: a number that grows by ma or incr keeps its marks X, Z and W, and h, here; memcached makes a new item without them',
  'meta: l counts from the last access here; memcached updates it once a minute',
  'meta: a key that is sent both plain and in base64: memcached shows it as it was stored, this server as the client has sent it',
  'meta: base64 with padding in the middle: memcached uses the part before it as the key',
  'meta: base64 whose unused bits are not 0: memcached shows the key in its usual form, this server as the client has sent it',
  'meta: more than 17 flags: here 22 are accepted',
  'text: lengths beyond the item limit without a block: here the following bytes are discarded',
  'text: delete with other words after the key than 0 and noreply: 1.6.18 refuses them, 1.6.45 and this server ignore them',
];

export interface Adjustment {
  readonly protocol: ProtocolName;
  readonly why: string;
  /** The reply that memcached would have to give for the two to be equal. */
  adjust(command: string, theirs: string): string;
}

const BAD_FORMAT = 'CLIENT_ERROR bad command line format\r\n';
const REFUSED_LINE = /^(?:CLIENT_ERROR bad command line format|ERROR)\r\nERROR\r\n$/;

/** The fewest words of each command. */
const FEWEST_WORDS: Readonly<Record<string, number>> = {
  ...{ get: 2, gets: 2, gat: 3, gats: 3, set: 5, add: 5, replace: 5, append: 5, prepend: 5, cas: 6 },
  ...{ incr: 3, decr: 3, touch: 3, delete: 2, verbosity: 2 },
};
const SHORTEST_LINE_BYTES = 4;

/** Whether 1.6.45 takes the line for malformed where 1.6.18 says ERROR. */
function isMalformed(line: string): boolean {
  const words = line.split(' ').filter((word) => word !== '');
  return line.length + 2 < SHORTEST_LINE_BYTES || words.length < (FEWEST_WORDS[words[0] ?? ''] ?? 0);
}

export const ADJUSTMENTS: readonly Adjustment[] = [
  {
    protocol: 'text',
    why: 'the block of a refused storage command is discarded here; memcached runs it as a command',
    adjust: (command, theirs) =>
      /\r\nzzz\r\n$/.test(command) && hasLength(command) && REFUSED_LINE.test(theirs)
        ? theirs.replace(/ERROR\r\n$/, '')
        : theirs,
  },
  {
    protocol: 'text',
    why: 'a command without its arguments and a line of less than four bytes are malformed since 1.6.45; 1.6.18 says ERROR, or END for gat without keys',
    adjust: (command, theirs) =>
      isMalformed(command.split(/\r?\n/)[0]) ? theirs.replace(/^(?:ERROR|END)\r\n/, BAD_FORMAT) : theirs,
  },
  {
    protocol: 'text',
    why: 'shutdown is refused by SERVER_ERROR since 1.6.45; 1.6.18 says ERROR',
    adjust: (command, theirs) => (command.startsWith('shutdown') ? theirs.replace(/^ERROR:/, 'SERVER_ERROR:') : theirs),
  },
  {
    protocol: 'meta',
    why: 'a command without its key and a line of less than four bytes are malformed since 1.6.45; 1.6.18 says ERROR',
    adjust: (command, theirs) =>
      /^(?:mg|ms|md|ma|me) *\r\n/.test(command) ? theirs.replace(/^ERROR\r\n/, BAD_FORMAT) : theirs,
  },
  {
    protocol: 'meta',
    why: 'an expiry in the past is shown as 0 here; memcached shows the negative time as an unsigned number',
    adjust: (_command, theirs) => theirs.replace(/ t42949\d{5}(?= |\r)/g, ' t0'),
  },
  {
    protocol: 'meta',
    why: 'a key in base64 is shown as the client has sent it; memcached shows it plain if another command than ms has created its item',
    adjust(command, theirs) {
      const [, sent = ''] = /^m[gsad] (\S+) .*?\bb(?: |\r)/.exec(command) ?? [];
      if (sent === '' || !/^(?:HD|VA|EN|NF|NS|EX)/.test(theirs)) return theirs;
      return theirs.replace(` k${Buffer.from(sent, 'base64').toString('latin1')}`, ` k${sent} b`);
    },
  },
  {
    protocol: 'meta',
    why: 'a flag that is not a letter is malformed since 1.6.45; in 1.6.18 it is an invalid flag',
    adjust: (command, theirs) => (command.startsWith('mg a !') ? BAD_FORMAT : theirs),
  },
  {
    protocol: 'meta',
    why: 'md has several error lines for its flags since 1.6.45; 1.6.18 has only one',
    adjust: (command, theirs) => {
      const said = / b(?: |\r)/.test(command)
        ? 'CLIENT_ERROR error decoding key'
        : 'CLIENT_ERROR bad token in command line format';
      return command.startsWith('md ') ? theirs.replace('CLIENT_ERROR invalid or duplicate flag', said) : theirs;
    },
  },
  {
    protocol: 'text',
    why: 'the rest of a block that is too long is malformed since 1.6.45 if it has less than four bytes; 1.6.18 says ERROR',
    adjust: (command, theirs) =>
      / 1(?: noreply)?\r\nxyz\r\n$/.test(command) ? theirs.replace(/(?<=^|\n)ERROR\r\n$/, BAD_FORMAT) : theirs,
  },
];

/** Whether the length of a storage command can be read, so that its block can be discarded. */
function hasLength(command: string): boolean {
  return /^\S+ \S+ \S+ \S+ \d{1,10}(?: |\r\n)/.test(command);
}
