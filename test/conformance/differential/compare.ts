// Sends the same random commands to two servers, several at a time, and compares the replies byte for byte. CAS values are compared by the
// place of their first appearance.

import { randomOf } from '../../fuzz/runner.js';
import { Volatile } from '../recorded/volatile.js';
import type { WireClient } from '../wires.js';
import type { Adjustment } from './differences.js';
import { type Command, type Grammar, Pick } from './grammar.js';

/** The most commands sent together. */
const AT_A_TIME = 12;
const SEQUENCE = 200;
const NOTHING = Buffer.alloc(0);

export interface Server {
  connect(): Promise<WireClient>;
}

class Side implements Disposable {
  readonly tokens = new Map<string, string>();
  readonly volatile: Volatile;
  #client: WireClient | undefined;

  constructor(
    private readonly server: Server,
    private readonly grammar: Grammar,
    chosen: ReadonlySet<string>,
  ) {
    this.volatile = new Volatile(grammar.protocol, chosen);
  }

  /** The reply to each command, or fewer replies and the rest of the bytes. */
  async ask(commands: readonly Command[], firstNumber: number): Promise<readonly Buffer[]> {
    this.#client ??= await this.server.connect();
    const parts = commands.flatMap((command, index) => [
      command.bytes(this.tokens),
      this.grammar.mark(firstNumber + index),
    ]);
    this.#client.send(Buffer.concat(parts));
    const received = await this.#client.take(
      (bytes) => this.grammar.split(bytes, firstNumber).length >= commands.length,
    );
    const replies = this.grammar.split(received, firstNumber);
    if (replies.length === commands.length) {
      for (const reply of replies) for (const [key, token] of this.grammar.tokensOf(reply)) this.tokens.set(key, token);
    }
    if (this.#client.isEnded) this.#client = undefined;
    return replies.length === commands.length ? replies : [...replies, received];
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]();
  }
}

/** The first difference, or undefined. */
export interface Disagreement {
  readonly seed: number;
  readonly command: string;
  /** The commands sent before it in the same piece. */
  readonly before: readonly string[];
  readonly theirs: string;
  readonly ours: string;
}

export interface Comparison {
  readonly theirs: Server;
  readonly ours: Server;
  readonly grammar: Grammar;
  readonly adjustments: readonly Adjustment[];
  readonly firstSeed: number;
  readonly commands: number;
}

/** Each sequence starts with a flush and has a seed of its own, so that it can be repeated alone. */
export async function compare(comparison: Comparison): Promise<Disagreement[]> {
  const { firstSeed, commands } = comparison;
  const found: Disagreement[] = [];
  for (let seed = firstSeed; seed < firstSeed + Math.ceil(commands / SEQUENCE) && found.length < 3; seed++) {
    const disagreement = await compareSequence(comparison, seed);
    if (disagreement !== undefined) found.push(disagreement);
  }
  return found;
}

async function compareSequence(comparison: Comparison, seed: number): Promise<Disagreement | undefined> {
  const { grammar } = comparison;
  const pick = new Pick(randomOf(seed));
  using theirs = new Side(comparison.theirs, grammar, grammar.chosenCas);
  using ours = new Side(comparison.ours, grammar, grammar.chosenCas);
  await Promise.all([theirs, ours].map((side) => side.ask([grammar.flush], 0)));
  for (let number = 1; number <= SEQUENCE; ) {
    const commands = nextCommands(grammar, pick, Math.min(SEQUENCE + 1 - number, 1 + pick.below(AT_A_TIME)));
    const [wanted, got] = await Promise.all([theirs.ask(commands, number), ours.ask(commands, number)]);
    for (let index = 0; index < Math.max(wanted.length, got.length); index++) {
      const command = commands[index]?.title ?? '(after the last command)';
      const theirReply = adjusted(comparison, command, theirs.volatile.replace(wanted[index] ?? NOTHING, true));
      const ourReply = ours.volatile.replace(got[index] ?? NOTHING, true);
      if (theirReply !== ourReply) {
        const before = commands.slice(0, index).map(({ title }) => shown(title));
        return { seed, command: shown(command), before, theirs: shown(theirReply), ours: shown(ourReply) };
      }
    }
    number += commands.length;
  }
  return undefined;
}

function nextCommands(grammar: Grammar, pick: Pick, count: number): readonly Command[] {
  const commands = Array.from({ length: count }, () => grammar.next(pick));
  const alone = commands.find(({ isAlone }) => isAlone);
  return alone === undefined ? commands : [alone];
}

function adjusted({ adjustments, grammar }: Comparison, command: string, theirs: string): string {
  const rows = adjustments.filter(({ protocol }) => protocol === grammar.protocol);
  return rows.reduce((reply, row) => row.adjust(command, reply), theirs);
}

function shown(reply: string): string {
  return reply.length > 400 ? `${reply.slice(0, 300)}...(${reply.length})` : reply;
}
