// Requests that depend on replies: each place of a pipeline takes a number and sends the calls one after the other, of which each may repeat
// words of the reply before it. All replies are checked. Requests are written when they are sent, from parts that are prepared.

import { CheckedReplies, type ExpectedReplies } from './checked-replies.js';
import type { Call, RequestPlan } from './plan.js';
import { Random } from './random.js';
import { RequestWriter } from './request-writer.js';
import type { Lane, RequestSource } from './source.js';

const SEED = 54321;
const DRAWN_LIMIT = 1000;
/** The most bytes of a word that is repeated, with its length before it. */
const LONGEST_WORD_BYTES = 80;
/** Scatters the numbers, so that neighbours in time are not neighbours in memory; none comes twice before all have come, unless their
    number is a multiple of this prime. */
const STRIDE = 104_729;

/** A text, digits of the number, or a word that is made when it is sent. */
type Part = Buffer | number | ((number: number, words: readonly string[]) => string);

interface PreparedCall {
  readonly parts: readonly Part[];
  readonly mostBytes: number;
  readonly expected: ExpectedReplies;
}

interface LaneState {
  /** The call that is sent next. */
  turn: number;
  numbers: number[];
  readonly replies: CheckedReplies;
}

export class Dialogue implements RequestSource {
  readonly once: boolean;
  readonly #calls: readonly PreparedCall[];
  readonly #laneBytes: number;
  readonly #writer: RequestWriter;
  readonly #lanes: LaneState[] = [];

  constructor(
    private readonly plan: RequestPlan,
    lanes: number,
    pipeline: number,
    /** How many numbers earlier dialogues of the same plan have taken. */
    public taken = 0,
  ) {
    this.once = plan.mode === 'dialogueEach';
    this.#calls = prepare(plan);
    this.#laneBytes = pipeline * Math.max(...this.#calls.map(({ mostBytes }) => mostBytes));
    this.#writer = new RequestWriter(lanes * this.#laneBytes);
    for (let lane = 0; lane < lanes; lane++) {
      this.#lanes.push({ turn: 0, numbers: [], replies: new CheckedReplies(plan.protocol) });
    }
  }

  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  get isSpent(): boolean {
    return this.once && this.taken >= this.plan.keys;
  }

  counterOf(lane: number): CheckedReplies {
    return this.#lanes[lane].replies;
  }

  isMidway(lane: number): boolean {
    return this.#lanes[lane].turn > 0;
  }

  next(lane: Lane, wanted: number): void {
    const state = this.#lanes[lane.index];
    if (state.turn === 0) state.numbers = this.#take(wanted);
    const { parts, expected } = this.#calls[state.turn];
    const { words } = state.replies;
    const writer = this.#writer;
    writer.length = lane.index * this.#laneBytes;
    lane.from = writer.length;
    for (let place = 0; place < state.numbers.length; place++) {
      write(writer, parts, state.numbers[place], words[place] ?? []);
    }
    lane.to = writer.length;
    lane.awaited = state.numbers.length;
    state.replies.expect(expected);
    state.turn = (state.turn + 1) % this.#calls.length;
  }

  #take(wanted: number): number[] {
    const { firstKey, keys } = this.plan;
    const count = this.once ? Math.min(wanted, keys - this.taken) : wanted;
    return Array.from({ length: count }, () => firstKey + ((this.taken++ * STRIDE) % keys));
  }
}

function prepare({ protocol, calls = [], replies = [] }: RequestPlan): PreparedCall[] {
  const random = new Random(SEED);
  return calls.map((call, index) => {
    const parts = protocol === 'redis' ? redisParts(call, random) : joined(partsOf(`${call.join(' ')}\r\n`, random));
    const allowed = replies[index] ?? [];
    if (allowed.length === 0) throw new Error(`${call.join(' ')} has no reply that is right`);
    return {
      parts,
      mostBytes: parts.reduce((sum: number, part) => sum + mostBytesOf(part), 0),
      expected: {
        call: call.join(' ').trim(),
        beginnings: allowed.map((text) => Buffer.from(text, 'latin1')),
        keepsWords: calls[index + 1]?.some((word) => /@\d/.test(word)) ?? false,
      },
    };
  });
}

/** The parts of a text: those that are fixed, runs of # for the number, ~ for a random number, and @2 for the second word of the last reply. */
function partsOf(text: string, random: Random): Part[] {
  return text
    .split(/(#+|~|@\d)/)
    .filter((piece) => piece !== '')
    .map((piece): Part => {
      if (piece.startsWith('#')) return piece.length;
      if (piece === '~') return () => String(random.below(DRAWN_LIMIT));
      if (/^@\d$/.test(piece)) return (_number, words) => words[Number(piece[1]) - 1] ?? '';
      return Buffer.from(piece, 'latin1');
    });
}

/** An array of bulk strings. */
function redisParts(call: Call, random: Random): Part[] {
  const parts: Part[] = [Buffer.from(`*${call.length}\r\n`)];
  for (const word of call) {
    const pieces = partsOf(word, random);
    if (pieces.some((piece) => typeof piece === 'function')) {
      parts.push((number, words) => {
        const content = pieces.map((piece) => contentOf(piece, number, words)).join('');
        return `$${content.length}\r\n${content}\r\n`;
      });
    } else parts.push(Buffer.from(`$${word.length}\r\n`), ...pieces, Buffer.from('\r\n'));
  }
  return joined(parts);
}

function contentOf(part: Part, number: number, words: readonly string[]): string {
  if (typeof part === 'function') return part(number, words);
  return typeof part === 'number' ? String(number).padStart(part, '0').slice(-part) : part.toString('latin1');
}

/** Neighbouring fixed texts as one. */
function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (Buffer.isBuffer(part) && Buffer.isBuffer(last)) all[all.length - 1] = Buffer.concat([last, part]);
    else all.push(part);
  }
  return all;
}

function mostBytesOf(part: Part): number {
  if (typeof part === 'number') return part;
  return typeof part === 'function' ? 2 * LONGEST_WORD_BYTES : part.length;
}

function write(writer: RequestWriter, parts: readonly Part[], number: number, words: readonly string[]): void {
  for (const part of parts) {
    if (typeof part === 'number') writer.digits(number, part);
    else if (typeof part === 'function') writer.text(part(number, words));
    else writer.copy(part);
  }
}
