// The windows of the arena in which replies wait for the system to take them. The engine writes into the current one;
// a window that was not taken whole is retired until it is, and another becomes current. When all spare windows are
// retired, replies are made in small pieces and sent as copies, so that many clients that do not read cost little.

import { assert } from '../base/assert.js';
import { ReplyParts } from '../protocols/reply-parts.js';
import type { ByteWindow, RequestEngine } from './request-engine.js';
import type { WindowMemory } from './transport-options.js';

/** Views of lengths below this are made once and kept: most replies are short, and a view costs more than its use. */
const CACHED_VIEW_BYTES = 4096;

/** Longest reply made at once while no spare window is left. */
const SCARCE_OUTPUT_BYTES = 16 * 1024;

export class OutputWindow {
  readonly #views: (Uint8Array | undefined)[] = new Array(CACHED_VIEW_BYTES).fill(undefined);

  constructor(
    private readonly buffer: SharedArrayBuffer,
    readonly at: number,
    readonly size: number,
    /** Replies may refer to what lies elsewhere in the arena, for channels that can send it from there. */
    readonly parts: ReplyParts | undefined,
  ) {}

  get hasParts(): boolean {
    return this.parts !== undefined && this.parts.count > 0;
  }

  /** A stretch that begins somewhere in the window. */
  copy(at: number, length: number): Uint8Array {
    return new Uint8Array(this.buffer, at, length).slice();
  }

  /** A stretch from the window's start on. */
  view(length: number): Uint8Array {
    if (length >= CACHED_VIEW_BYTES) return new Uint8Array(this.buffer, this.at, length);
    const known = this.#views[length];
    if (known !== undefined) return known;
    const view = new Uint8Array(this.buffer, this.at, length);
    this.#views[length] = view;
    return view;
  }
}

/** @perThread */
export class OutputBuffers {
  private readonly spare: OutputWindow[];
  #current: OutputWindow;
  #isScarce = false;

  constructor(
    private readonly engine: Pick<RequestEngine, 'output' | 'useOutput' | 'releaseParts'>,
    memory: WindowMemory,
    spareOutputs: readonly ByteWindow[],
    withParts: boolean,
  ) {
    const make = ({ at, size }: ByteWindow) =>
      new OutputWindow(memory.buffer, at, size, withParts ? new ReplyParts() : undefined);
    this.#current = make(engine.output);
    this.spare = spareOutputs.map(make);
    this.#settle();
  }

  get spareCount(): number {
    return this.spare.length;
  }

  /** The window with the engine's replies. */
  get current(): OutputWindow {
    return this.#current;
  }

  /** Whether the current window cannot be spared: replies have to be sent as copies. */
  get isScarce(): boolean {
    return this.#isScarce;
  }

  /** Called when the system did not take the replies at once: the window to give back later. */
  retire(): OutputWindow {
    assert(!this.#isScarce, 'a spare window to go on with');
    const retired = this.#current;
    this.#current = this.spare.pop() as OutputWindow;
    this.#settle();
    return retired;
  }

  /** To be called now and then: what the system has taken of the current window may change again. The next batch sees to that as
      well, which spares most replies a turn with the lock. */
  settleSent(): void {
    if (this.#current.hasParts) this.engine.releaseParts(this.#current.parts as ReplyParts);
  }

  release(window: OutputWindow): void {
    if (window.hasParts) this.engine.releaseParts(window.parts as ReplyParts);
    this.spare.push(window);
    this.#settle();
  }

  /** With no spare window left the current one must not be retired. */
  #settle(): void {
    this.#isScarce = this.spare.length === 0;
    const { at, size, parts } = this.#current;
    if (this.#isScarce) this.engine.useOutput(at, Math.min(size, SCARCE_OUTPUT_BYTES));
    else this.engine.useOutput(at, size, parts);
  }
}
