// The actions of SIGTERM and SIGINT, set through the C library, for the time in which the main thread may be too busy to handle them:
// restores the default action, and reports whether a signal came that was not handled. Linux only. The main thread handles signals in
// server.ts as long as it can.

import { constants } from 'node:os';
import { declareFunctions } from './c-library.js';

interface SignalLibrary {
  sigaction(signal: number, action: Uint8Array | null, before: Uint8Array | null): number;
  exit(code: number): void;
}

/** Larger than `struct sigaction` of any system; all zeros are the default action. */
const ACTION_BYTES = 512;

/** In `struct sigaction` of Linux on 64-bit processors: the handler (null for the default action), a mask, and the flags. */
const HANDLER_AT = 0;
const FLAGS_AT = 136;
/** The kernel sets the default action when it delivers the signal. */
const SA_RESETHAND = 0x8000_0000;

const SIGNALS = [constants.signals.SIGTERM, constants.signals.SIGINT];

/** Undefined where the C library cannot be loaded. */
export function loadSignals(): Promise<SignalLibrary | undefined> {
  return declareFunctions((library) => ({
    sigaction: library.func('int sigaction(int signal, const void *action, _Out_ uint8_t *before)'),
    exit: library.func('void _exit(int code)'),
  }));
}

export class DefaultSignals {
  #before: readonly Uint8Array[] | undefined;

  constructor(private readonly library: SignalLibrary) {}

  get isSet(): boolean {
    return this.#before !== undefined;
  }

  set(): void {
    if (this.#before !== undefined) return;
    this.#before = SIGNALS.map((signal) => {
      const before = new Uint8Array(ACTION_BYTES);
      this.library.sigaction(signal, new Uint8Array(ACTION_BYTES), before);
      return before;
    });
  }

  restore(): void {
    const before = this.#before;
    if (before === undefined) return;
    this.#before = undefined;
    for (const [index, signal] of SIGNALS.entries()) {
      this.library.sigaction(signal, before[index], null);
    }
  }
}

/** Detects that a signal was delivered, handled or not: the kernel then removes its handler, until `rearm`. */
export class DeliveredSignals {
  /** The handlers of the main thread, by signal. */
  readonly #armed = new Map<number, Uint8Array>();

  constructor(private readonly library: SignalLibrary) {
    for (const signal of SIGNALS) {
      const action = this.#actionOf(signal);
      if (isDefault(action)) continue;
      const view = new DataView(action.buffer);
      view.setUint32(FLAGS_AT, view.getUint32(FLAGS_AT, true) | SA_RESETHAND, true);
      this.#armed.set(signal, action);
    }
    this.rearm();
  }

  rearm(): void {
    for (const [signal, action] of this.#armed) this.library.sigaction(signal, action, null);
  }

  find(): number | undefined {
    return [...this.#armed.keys()].find((signal) => isDefault(this.#actionOf(signal)));
  }

  #actionOf(signal: number): Uint8Array {
    const action = new Uint8Array(ACTION_BYTES);
    this.library.sigaction(signal, null, action);
    return action;
  }
}

function isDefault(action: Uint8Array): boolean {
  return new DataView(action.buffer).getBigUint64(HANDLER_AT, true) === 0n;
}
