// What the code of object types does outside of calls: promises, timers, the console. Its errors are logged with their type, and its
// output goes to the log. Errors inside calls: objects/calls/failure-log.ts.

import { format } from 'node:util';
import { InvariantError } from '../base/assert.js';
import type { FailureLog } from '../objects/calls/failure-log.js';
import { isOwnCode, stackOf, tame } from '../objects/calls/thrown.js';
import type { Log } from '../objects/calls/type-lines.js';
import type { Registry } from '../objects/types/registry.js';
import { sanitise } from '../tables/call-errors.js';

export interface LateWorkParts {
  readonly registry: Registry;
  readonly failures: FailureLog;
  readonly log: Log;
  /** Undefined when no call runs. */
  readonly runningType: () => string | undefined;
}

/** Logs a late error that came from a type; false for one of the server's own, which has to end it. */
export function logLateError(thrown: unknown, { registry, failures }: LateWorkParts): boolean {
  const error = tame(thrown);
  if (error instanceof InvariantError) return false;
  const stack = stackOf(error);
  const types = registry.list().filter(({ type }) => type.language === 'typescript');
  const owner = types.find(({ type }) => stack.includes(`${type.file}:`));
  if (owner === undefined && isOwnCode(stack)) return false;
  failures.noteLate(owner?.type.name ?? 'an object type', error);
  return true;
}

const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir'] as const;

/** Redirects everything that is printed to the log, one line each. */
export function printToLog({ log, runningType }: LateWorkParts): void {
  for (const method of METHODS) {
    console[method] = (...values: unknown[]) => {
      const type = runningType() ?? 'an object type';
      const level = method === 'warn' || method === 'error' ? 'warn' : 'info';
      log(level, `${type}: console.${method}: ${sanitise(printed(values))}`, type);
    };
  }
}

function printed(values: readonly unknown[]): string {
  try {
    return format(...values);
  } catch {
    return 'a value that cannot be shown';
  }
}

/** Runs pending promise jobs and `process.nextTick` callbacks in a thread without an event loop, with the function that Node itself calls after
    each callback, which has no public name. Without it such work never runs. */
export function runDeferredWork(): void {
  (process as { _tickCallback?: () => void })._tickCallback?.();
}
