// The default action of SIGTERM and SIGINT for a while, through the C library: a process whose main thread is busy ends by them. Linux
// only. Not for handling signals, which the main thread does as long as it can.

import { constants } from 'node:os';

interface SignalLibrary {
  sigaction(signal: number, action: Uint8Array | null, before: Uint8Array | null): number;
  exit(code: number): void;
}

/** Larger than `struct sigaction` of any system; all zeros are the default action. */
const ACTION_BYTES = 512;

const SIGNALS = [constants.signals.SIGTERM, constants.signals.SIGINT];

/** Undefined where there is no such library. */
export async function loadSignals(): Promise<SignalLibrary | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(null);
    return {
      sigaction: library.func('int sigaction(int signal, const void *action, _Out_ uint8_t *before)'),
      exit: library.func('void _exit(int code)'),
    };
  } catch {
    return undefined;
  }
}

export class DefaultSignals {
  #before: readonly Uint8Array[] | undefined;

  constructor(private readonly library: SignalLibrary) {}

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
