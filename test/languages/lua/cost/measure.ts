// Runs a piece of Lua inside a real call and measures only the piece: CPU time of the thread, steps and bytes charged, and growth of
// memory. The script marks both ends of the piece by `print`.

import { ScriptLoader } from '../../../../src/languages/lua/host/load-script.js';
import { loadLuaType } from '../../../../src/languages/lua/host/lua-type.js';
import { meter } from '../../../../src/languages/lua/vm/meter.js';
import { threadCpuMilliseconds } from '../../../bench/host/thread-clock.js';
import { CallHarness } from '../../../objects/call-harness.js';
import { type Cost, heapBytes, settledHeapBytes, usedBytes } from '../../../objects/cost-bars.js';

export interface Measured extends Cost {
  readonly reply: string;
}

export interface Piece {
  /** The code before the piece, which is not measured. */
  readonly setup: string;
  readonly work: string;
  /** Whether it runs in a script in the original's style rather than in a method. */
  readonly isOriginal?: boolean;
}

/** Pieces that use up their budget are killed each time, and are not refused for that. */
const KILLS_FORGOTTEN_SECONDS = 100;
/** Longer replies are cut in a failure's message. */
const LONGEST_REPLY = 100;
/** A budget large enough for the setup. */
const BUDGET = { steps: 100_000_000, bytes: 2 ** 30, milliseconds: 60_000 };

/** Methods for pieces that call others. */
const CALLEES = `
  size = {
    access = "upsert",
    parameters = { { name = "text", type = "string", default = "" } },
    run = function(self, args) return #args.text end,
  },
  list = {
    access = "upsert",
    parameters = { { name = "list", type = "array" } },
    run = function(self, args) return args.list end,
  },
  whole = { access = "write", run = function(self) return self end },
  failing = { access = "upsert", run = function() error("no") end }`;

interface Mark {
  readonly cpuMs: number;
  readonly steps: number;
  readonly bytes: number;
  readonly heap: number;
}

/** Measures the heap at the piece's start and at its end. */
type HeapLooks = readonly [start: () => number, end: () => number];
const NO_HEAP: HeapLooks = [() => 0, () => 0];
const COLLECTED: HeapLooks = [heapBytes, heapBytes];
const ALLOCATED: HeapLooks = [settledHeapBytes, usedBytes];

function mark(heapBytes: () => number): Mark {
  const cpuMs = threadCpuMilliseconds();
  const { stepsLeft, bytesLeft } = meter.budget;
  return { cpuMs, steps: stepsLeft + meter.countdown, bytes: bytesLeft, heap: heapBytes() };
}

/** One piece that is run repeatedly, since V8 optimizes code that runs often. */
export class PieceRunner {
  #marks: Mark[] = [];
  #looks = NO_HEAP;
  readonly #harness: CallHarness;

  /** The piece ends when it has used `limits`, like a call with that budget. */
  constructor(
    piece: Piece,
    private readonly limits: { readonly steps: number; readonly bytes: number },
  ) {
    this.#harness = harnessFor(piece, (message) => {
      if (message.endsWith(': mark')) this.#atMark();
    });
  }

  run(withHeap: boolean): Measured {
    return this.#run(withHeap ? COLLECTED : NO_HEAP);
  }

  /** Counts all allocations as growth, and needs no collection of the whole heap. */
  runAllocating(): Measured {
    return this.#run(ALLOCATED);
  }

  #atMark(): void {
    if (this.#marks.length > 0) {
      this.#marks.push(mark(this.#looks[1]));
      return;
    }
    const { budget } = meter;
    budget.stepsLeft = Math.min(budget.stepsLeft, this.limits.steps);
    budget.bytesLeft = Math.min(budget.bytesLeft, this.limits.bytes);
    // The time of the collection is not part of the piece.
    this.#marks.push({ ...mark(this.#looks[0]), cpuMs: threadCpuMilliseconds() });
  }

  #run(looks: HeapLooks): Measured {
    this.#marks = [];
    this.#looks = looks;
    this.#harness.advance(KILLS_FORGOTTEN_SECONDS);
    const reply = this.#harness.get('t:run:k');
    if (this.#marks.length === 0) throw new Error(`the piece was never reached: ${reply}`);
    const [start, end] = [this.#marks[0], this.#marks[1] ?? mark(looks[1])];
    return {
      cpuMicroseconds: (end.cpuMs - start.cpuMs) * 1000,
      steps: start.steps - end.steps,
      bytes: start.bytes - end.bytes,
      grownBytes: end.heap - start.heap,
      reply: reply.slice(0, LONGEST_REPLY),
    };
  }
}

function harnessFor({ setup, work, isOriginal = false }: Piece, onLog: (message: string) => void): CallHarness {
  const body = `${setup}\nprint("mark")\n${work}\nprint("mark")`;
  const source = isOriginal
    ? `t = { run = function(command, originalKey, cacheKey) ${body}\nend }`
    : `local kept = {} return { name = "t", methods = { run = { access = "create", run = function(self, args, call) ${body}\nend }, ${CALLEES} } }`;
  const bytes = Buffer.from(source, 'latin1');
  const type = isOriginal ? new ScriptLoader().load(bytes, 't.lua') : loadLuaType(bytes, 't.lua');
  return new CallHarness([type], { budget: BUDGET, arenaBytes: 8 * 1024 * 1024, onLog });
}
