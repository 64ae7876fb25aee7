// Where the comparison with the memcached of the machine, 1.6.18, has to look away, and why. Not for differences from 1.6.45, which
// are among the recorded conversations.

import type { ProtocolName } from '../recorded/load.js';

/** What the grammars leave out, since the two servers answer otherwise on purpose. */
export const LEFT_OUT: readonly string[] = [
  'text: a number that gets shorter is set anew after incr and decr, since memcached fills it with blanks',
  'text: flags beyond 32 bits: memcached cuts them, here they are refused',
  'text: a plus sign before a number, or blanks and NUL around one that is incremented: memcached reads it, here it is no number',
  'text: NUL in keys: memcached ends the line there',
  'text: a get of a key that is too long, behind other keys or requests: memcached drops the replies to these',
  'text: flush_all with a delay: in memcached, what an earlier flush_all removed comes back by it',
  'text: append beyond the item limit: memcached answers as when memory is full',
  'text: lines of more than 2048 bytes that are no get: memcached closes the connection or waits for the end of the line',
  'meta: flags that came after 1.6.18, E and x: they are among the recorded conversations',
  'text: lengths beyond the item limit that are not sent: here what follows is passed over',
];

export interface Adjustment {
  readonly protocol: ProtocolName;
  readonly why: string;
  /** What memcached would have to answer for the two to be alike. */
  adjust(command: string, theirs: string): string;
}

const REFUSED_LINE = /^(?:CLIENT_ERROR bad command line format|ERROR)\r\nERROR\r\n$/;

export const ADJUSTMENTS: readonly Adjustment[] = [
  {
    protocol: 'text',
    why: 'the block of a refused storage command is passed over here; memcached runs it as a command',
    adjust: (command, theirs) =>
      /\r\nzzz\r\n$/.test(command) && hasLength(command) && REFUSED_LINE.test(theirs)
        ? theirs.replace(/ERROR\r\n$/, '')
        : theirs,
  },
];

/** Whether the length of a storage command can be read, so that its block can be passed over. */
function hasLength(command: string): boolean {
  return /^\S+ \S+ \S+ \S+ \d{1,10}(?: |\r\n)/.test(command);
}
