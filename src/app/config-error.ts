// What stops the start: one line for the user and the exit code. Not for errors after the start.

import { constants } from 'node:os';

/** Exit codes of sysexits.h, as memcached uses them. */
export const EXIT = { ok: 0, usage: 64, noUser: 67, software: 70, osError: 71, signalBase: 128 } as const;

export const SIGNAL_NUMBERS: Readonly<Record<string, number>> = constants.signals;

export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.usage,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
