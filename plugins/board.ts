// A leaderboard: members in the order of their scores.
//
// Evictable: an evicted board is missing until the next `put`, and is then filled anew from where the scores come from. A member takes
// 62 bytes if its name has 13 or less; a payload, and each distinct score of a board with dense ranks, take about as much again.
// Each method takes O(log n), and for each line of its reply the same short time.
//
// Fields, those with a default only where another was given: order, ties, cap; scores: the index of members; payloads by member;
// distinct: an index of the scores that members have, for dense ranks.

import { type CallContext, type Direction, defineType, method, type OrderedIndex, type Table } from 'cacheismo';

const LINE_END = '\r\n';
/** What one call may list, and remove; each takes it about a millisecond. */
const MOST_LINES = 1000;
/** So that a call takes less than 10 ms. Measured: up to 17 us for a member with a long name and a payload. */
const MOST_TRIMMED = 500;
/** Better scores that a call counts one by one, where no index counts them. */
const MOST_DISTINCT = 1000;

/** The members in the order of `direction` are the best ones first: the index has their scores, or their negatives. Equal scores are in the
    order of arrival there, and a direction reverses them. */
interface Board {
  readonly scores: OrderedIndex;
  readonly direction: Direction;
  readonly sign: 1 | -1;
}

function open(self: Table): Board {
  const ties = self.get('ties');
  const direction = ties === 'last' ? 'descending' : 'ascending';
  return {
    scores: self.ordered('scores', ties === 'member' ? 'bytes' : 'arrival'),
    direction,
    sign: (self.get('order') === 'asc') === (direction === 'ascending') ? 1 : -1,
  };
}

/** How many entries have a better score. */
function better(index: OrderedIndex, direction: Direction, stored: number): number {
  const notWorse =
    direction === 'ascending' ? index.countBetween(-Infinity, stored) : index.countBetween(stored, Infinity);
  return notWorse - index.countBetween(stored, stored);
}

function put(self: Table, { scores }: Board, member: string, stored: number): void {
  const old = scores.get(member);
  scores.set(member, stored);
  if (!self.has('distinct')) return;
  self.ordered('distinct').set(String(stored), stored);
  if (old !== undefined) dropUnused(self, scores, old);
}

function remove(self: Table, { scores }: Board, member: string): boolean {
  const stored = scores.get(member);
  if (stored === undefined) return false;
  scores.delete(member);
  if (self.has('payloads')) self.child('payloads').delete(member);
  if (self.has('distinct')) dropUnused(self, scores, stored);
  return true;
}

function dropUnused(self: Table, scores: OrderedIndex, stored: number): void {
  if (scores.countBetween(stored, stored) === 0) self.ordered('distinct').delete(String(stored));
}

function removeWorst(self: Table, board: Board): string {
  const [member] = board.scores.at(-1, board.direction) as [string, number];
  remove(self, board, member);
  return member;
}

/** 1 + the number of better scores, members that share one counted once. */
function denseRank(self: Table, { scores, direction }: Board, stored: number, call: CallContext): number {
  if (self.has('distinct')) return 1 + better(self.ordered('distinct'), direction, stored);
  let before = 0;
  for (let rank = 1; rank <= MOST_DISTINCT; rank++) {
    const [, score] = scores.at(before + 1, direction) as [string, number];
    if (score === stored) return rank;
    before += scores.countBetween(score, score);
  }
  return call.refuse(`more than ${MOST_DISTINCT} scores are better; make the board by new with dense ranks`);
}

/** Lines `rank score member`, from one place to another; members that share a score share the rank. */
function lines(self: Table, { scores, direction, sign }: Board, from: number, to: number): string {
  const payloads = self.get('payloads') as Table | undefined;
  let text = '';
  let place = Math.max(1, from);
  let rank = 0;
  let last = Number.NaN;
  for (const [member, stored] of scores.range(place, Math.max(0, Math.min(to, place + MOST_LINES - 1)), direction)) {
    if (stored !== last) rank = rank === 0 ? 1 + better(scores, direction, stored) : place;
    const payload = payloads?.get(member);
    text += `${rank} ${shown(sign * stored)} ${member}${payload === undefined ? '' : `\t${payload}`}${LINE_END}`;
    last = stored;
    place++;
  }
  return text;
}

/** The places of the members with scores in a range, best first. */
function placesOf({ scores, direction, sign }: Board, min: string, max: string, call: CallContext): [number, number] {
  const [low, high] = sign === 1 ? [min, max] : [max, min];
  const bound = (text: string, isAbove: boolean): number => {
    const isOpen = text.startsWith('(');
    const stored = sign * numberOf(isOpen ? text.slice(1) : text, call);
    return scores.countBetween(-Infinity, stored) - (isOpen === isAbove ? scores.countBetween(stored, stored) : 0);
  };
  const [before, upTo] = [bound(low, false), bound(high, true)];
  return direction === 'ascending' ? [before + 1, upTo] : [scores.count - upTo + 1, scores.count - before];
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,4})?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

function numberOf(text: string, call: CallContext): number {
  if (NUMBER.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return call.refuse('a score must be a number in decimal digits, inf or -inf');
  return infinite[1] === '-' ? -Infinity : Infinity;
}

function shown(score: number): string {
  return String(score).replace('Infinity', 'inf');
}

/** The member's new score; undefined if it gets none. */
function changed(mode: string, old: number | undefined, score: number, isAscending: boolean): number | undefined {
  if (old === undefined) return mode === 'existing' ? undefined : score;
  switch (mode) {
    case 'new':
      return old;
    case 'incr':
      return old + score;
    case 'best':
      return isAscending ? Math.min(old, score) : Math.max(old, score);
    case 'worst':
      return isAscending ? Math.max(old, score) : Math.min(old, score);
    default:
      return score;
  }
}

const MEMBER = { type: 'string', minLength: 1, maxLength: 900, pattern: '^[^\\t\\r\\n]*$' } as const;
const MODES = ['set', 'incr', 'best', 'worst', 'new', 'existing'] as const;

export default defineType({
  name: 'board',
  summary: 'a leaderboard',
  methods: {
    new: method({
      access: 'create',
      summary:
        'makes an empty board: order desc or asc, ties first, last or member, at most cap members (0 for no cap), dense ranks in O(log n)',
      parameters: {
        order: { type: 'string', enum: ['desc', 'asc'], default: 'desc' },
        ties: { type: 'string', enum: ['first', 'last', 'member'], default: 'first' },
        cap: { type: 'integer', minimum: 0, default: 0 },
        dense: { type: 'boolean', default: false },
      },
      run(self, { order, ties, cap, dense }) {
        if (order !== 'desc') self.set('order', order);
        if (ties !== 'first') self.set('ties', ties);
        if (cap !== 0) self.set('cap', cap);
        if (dense) self.ordered('distinct', 'bytes');
        open(self);
        return 'CREATED';
      },
    }),
    put: method({
      access: 'upsert',
      summary: 'OK score rank changed; a further line names the member that a full board has dropped',
      parameters: {
        member: MEMBER,
        score: { type: 'string' },
        mode: { type: 'string', enum: MODES, default: 'set' },
        payload: { type: 'string', maxLength: 256, pattern: '^[^\\r\\n]*$', default: '' },
      },
      run(self, { member, score, mode, payload }, call) {
        if (call.isNew && mode === 'existing') return undefined;
        const given = numberOf(score, call);
        const board = open(self);
        const { scores, direction, sign } = board;
        const stored = scores.get(member);
        const old = stored === undefined ? undefined : sign * stored;
        const value = changed(mode, old, given, self.get('order') === 'asc');
        if (value === undefined) return undefined;
        if (Number.isNaN(value)) call.refuse('the sum of inf and -inf is no score');
        if (value !== old) put(self, board, member, sign * value);
        if (payload !== '' && !(mode === 'new' && old !== undefined)) self.child('payloads').set(member, payload);
        const cap = (self.get('cap') ?? Infinity) as number;
        const dropped = scores.count > cap ? removeWorst(self, board) : undefined;
        if (dropped === member) return `OK ${shown(value)} 0 0${LINE_END}${member}`;
        const rank = 1 + better(scores, direction, sign * value);
        const also = dropped === undefined ? '' : LINE_END + dropped;
        return `OK ${shown(value)} ${rank} ${value === old ? 0 : 1}${also}`;
      },
    }),
    rank: method({
      access: 'read',
      summary: 'rank, number of members and score, and the payload in a line of its own',
      parameters: {
        member: MEMBER,
        method: { type: 'string', enum: ['competition', 'dense', 'ordinal'], default: 'competition' },
      },
      run(self, { member, method }, call) {
        const board = open(self);
        const { scores, direction, sign } = board;
        const stored = scores.get(member);
        if (stored === undefined) return undefined;
        let rank: number;
        if (method === 'ordinal') rank = scores.rank(member, direction) as number;
        else if (method === 'dense') rank = denseRank(self, board, stored, call);
        else rank = 1 + better(scores, direction, stored);
        const payload = (self.get('payloads') as Table | undefined)?.get(member);
        return `${rank} ${scores.count} ${shown(sign * stored)}${payload === undefined ? '' : LINE_END + payload}`;
      },
    }),
    top: method({
      access: 'read',
      summary: 'lines of rank, score and member, the best first',
      parameters: { n: { type: 'integer', minimum: 0, maximum: MOST_LINES, default: 10 } },
      run: (self, { n }) => lines(self, open(self), 1, n),
    }),
    range: method({
      access: 'read',
      summary: 'the same from one place to another, both included; those below 0 count from the end',
      parameters: { from: { type: 'integer' }, to: { type: 'integer' } },
      run(self, { from, to }) {
        const board = open(self);
        const [first, last] = [from, to].map((place) => (place < 0 ? board.scores.count + 1 + place : place));
        return lines(self, board, first, last);
      },
    }),
    around: method({
      access: 'read',
      summary: 'the same for a member, and n members before and after it',
      parameters: { member: MEMBER, n: { type: 'integer', minimum: 0, maximum: 499, default: 5 } },
      run(self, { member, n }) {
        const board = open(self);
        const place = board.scores.rank(member, board.direction);
        return place === undefined ? undefined : lines(self, board, place - n, place + n);
      },
    }),
    byscore: method({
      access: 'read',
      summary: 'the same for members with scores from min to max; ( before a bound leaves it out',
      parameters: {
        min: { type: 'string' },
        max: { type: 'string' },
        limit: { type: 'integer', minimum: 0, maximum: MOST_LINES, default: 100 },
      },
      run(self, { min, max, limit }, call) {
        const board = open(self);
        const [first, last] = placesOf(board, min, max, call);
        return lines(self, board, first, Math.min(last, first + limit - 1));
      },
    }),
    count: method({
      access: 'read',
      summary: 'the number of members, or of those with scores from min to max',
      parameters: { min: { type: 'string', default: '-inf' }, max: { type: 'string', default: 'inf' } },
      run(self, { min, max }, call) {
        const [first, last] = placesOf(open(self), min, max, call);
        return Math.max(0, last - first + 1);
      },
    }),
    percentile: method({
      access: 'read',
      summary: 'how many per cent of the members have a worse score',
      parameters: { member: MEMBER },
      run(self, { member }) {
        const { scores, direction } = open(self);
        const stored = scores.get(member);
        if (stored === undefined) return undefined;
        const worse = scores.count - better(scores, direction, stored) - scores.countBetween(stored, stored);
        return Math.floor((worse / scores.count) * 1e4) / 100;
      },
    }),
    remove: method({
      access: 'write',
      summary: 'OK and how many members were removed: 1 or 0',
      parameters: { member: MEMBER },
      run: (self, { member }) => `OK ${remove(self, open(self), member) ? 1 : 0}`,
    }),
    trim: method({
      access: 'write',
      summary: `OK removed left: removes the worst beyond \`keep\`, at most ${MOST_TRIMMED}; call it again while any are left`,
      parameters: { keep: { type: 'integer', minimum: 0 } },
      run(self, { keep }) {
        const board = open(self);
        const beyond = Math.max(0, board.scores.count - keep);
        const removed = Math.min(beyond, MOST_TRIMMED);
        for (let count = 0; count < removed; count++) removeWorst(self, board);
        return `OK ${removed} ${beyond - removed}`;
      },
    }),
  },
});
