// The replies of this server that differ from memcached 1.6.45, with the reason. A row that no longer differs fails its test: remove it.
// Unsupported protocols: served.ts.

export interface Difference {
  readonly conversation: string;
  /** The request as written in the recorded file. */
  readonly send: string;
  /** Our reply, written as in the recorded file. */
  readonly ours: string;
  /** Which of the same requests in the conversation, from 1; all of them where it is missing. */
  readonly nth?: number;
  /** The connection stays open where memcached has closed it. */
  readonly staysOpen?: boolean;
}

export interface Reason {
  readonly why: string;
  /** Whether the server should give memcached's reply in the future; otherwise the difference is intended. */
  readonly isToMend: boolean;
  readonly differences: readonly Difference[];
}

const STORAGE = 'text: storage and retrieval';
const TOUCH = 'text: touch, gat';
const DUMPS = 'text: dumps';
const BAD = 'CLIENT_ERROR bad command line format\\r\\n';
const OPCODES = 'binary: all opcodes';
const FLUSHED = '81 08 0000 00 00 0000 00000000 deadbeef 0000000000000000';

function rows(conversation: string, ours: string, ...sends: readonly string[]): readonly Difference[] {
  return sends.map((send) => ({ conversation, send: `${send}\\r\\n`, ours }));
}

export const REASONS: readonly Reason[] = [
  {
    why: 'an error is one line: clients would read the empty line after it in memcached as the next reply',
    isToMend: false,
    differences: [...rows(STORAGE, BAD, 'get {k*251}'), ...rows(TOUCH, BAD, 'gat 100 {k*251}')],
  },
  {
    why: 'a get immediately makes its item the most recently used one, which stats cachedump lists first; memcached moves it later',
    isToMend: false,
    differences: rows(DUMPS, 'ITEM a [3 b; 0 s]\\r\\nITEM b [1 b; 1 s]\\r\\nEND\\r\\n', 'stats cachedump 1 10'),
  },
  {
    why: 'the first token is 1, which this command compares; memcached has given it to no item',
    isToMend: false,
    differences: [
      ...rows('meta: cas', 'HD ccas1\\r\\n', 'ms a 1 C1 c\\r\\ny'),
      { conversation: 'meta: cas', send: 'mg b c v\\r\\n', ours: 'VA 1 ccas2 X W\\r\\ny\\r\\n', nth: 1 },
      { conversation: 'meta: cas', send: 'mg b c v\\r\\n', ours: 'VA 1 ccas2 Z X\\r\\ny\\r\\n', nth: 2 },
      ...rows('meta: cas', 'VA 1 ccas2 Z X\\r\\ny\\r\\n', 'mg b C1 v c'),
    ],
  },
  {
    why: 'the body of an unknown binary request is discarded once; memcached discards as many of the following bytes as well',
    isToMend: false,
    differences: [
      {
        conversation: OPCODES,
        send: '80 1b 0000 04 00 0000 00000004 deadbeef 0000000000000000 00000001',
        ours: '81 1b 0000 00 00 0081 0000000f deadbeef 0000000000000000 556e6b6e6f776e20636f6d6d616e64',
      },
      { conversation: OPCODES, send: '80 08 0000 00 00 0000 00000000 deadbeef 0000000000000000', ours: FLUSHED },
      {
        conversation: OPCODES,
        send: '80 08 0000 04 00 0000 00000004 deadbeef 0000000000000000 00000064',
        ours: FLUSHED,
        staysOpen: true,
      },
    ],
  },
  {
    why: 'with -B ascii a binary frame closes the connection: no value in it may be read as a command',
    isToMend: false,
    differences: [
      {
        conversation: 'binary: only ascii allowed',
        send: '80 0a 0000 00 00 0000 00000000 deadbeef 0000000000000000',
        ours: '',
      },
    ],
  },
];

export const DIFFERENCES: readonly Difference[] = REASONS.flatMap(({ differences }) => differences);
