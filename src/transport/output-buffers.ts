// The windows of the arena that hold replies until the kernel has taken them. The engine writes into the current window. If the kernel
// takes only a part, the window is retired until it has taken the rest, and another becomes current. When no spare window is left, replies
// are made in small pieces and sent as copies, so that many clients that do not read cost little memory.

import { assert } from '../base/assert.js';
import { ReplyParts } from '../protocols/reply-parts.js';
import type { ByteWindow, RequestEngine } from './request-engine.js';
import type { WindowMemory } from './transport-options.js';

/** Views with lengths below this are cached: most replies are short, and creating a view costs more than using it. Beyond this, the
 * copying outweighs it. */
const CACHED_VIEW_BYTES = 4096;

/** Longest piece of a reply while no spare window is left. */
const SCARCE_OUTPUT_BYTES = 16 * 1024;

export class OutputWindow {
  readonly #views: (Uint8Array | undefined)[] = new Array(CACHED_VIEW_BYTES).fill(undefined);

  constructor(
    private readonly buffer: SharedArrayBuffer,
    readonly at: number,
    readonly size: number,
    /** Replies may refer to bytes elsewhere in the arena, for channels that can send them from there. */
    readonly parts: ReplyParts | undefined,
  ) {}

  get hasParts(): boolean {
    return this.parts !== undefined && this.parts.count > 0;
  }

  /** Bytes from any position in the window. */
  copy(at: number, length: number): Uint8Array {
    return new Uint8Array(this.buffer, at, length).slice();
  }

  /** Bytes from the window's start. */
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

  /** Whether there is no spare window: replies must be sent as copies. */
  get isScarce(): boolean {
    return this.#isScarce;
  }

  /** Called when the kernel did not take all replies; returns the window, to be given back later. */
  retire(): OutputWindow {
    assert(!this.#isScarce, 'a spare window to continue with');
    const retired = this.#current;
    this.#current = this.spare.pop() as OutputWindow;
    this.#settle();
    return retired;
  }

  /** Releases items that the kernel has finished sending from the current window. The next batch does the same, which saves most replies
      from taking the lock for it. */
  settleSent(): void {
    if (this.#current.hasParts) this.engine.releaseParts(this.#current.parts as ReplyParts);
  }

  release(window: OutputWindow): void {
    if (window.hasParts) this.engine.releaseParts(window.parts as ReplyParts);
    this.spare.push(window);
    this.#settle();
  }

  /** Without a spare window, the current one must not be retired. */
  #settle(): void {
    this.#isScarce = this.spare.length === 0;
    const { at, size, parts } = this.#current;
    if (this.#isScarce) this.engine.useOutput(at, Math.min(size, SCARCE_OUTPUT_BYTES));
    else this.engine.useOutput(at, size, parts);
  }
}
