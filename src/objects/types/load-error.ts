// Why a file could not be loaded, in the one form that logs, listings and the check command show: file, line, reason.
// Errors of calls: tables/call-errors.ts.

import { sanitise } from '../../tables/call-errors.js';

/** Enough for a line with several mistakes. */
const MOST_BYTES = 1000;

export class LoadError extends Error {
  override readonly name = 'LoadError';

  constructor(
    readonly file: string,
    /** 1 for the first; undefined when the reason belongs to no line. */
    readonly line: number | undefined,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}:${line === undefined ? '' : `${line}:`} ${sanitise(reason, MOST_BYTES)}`, options);
  }
}
