// -d: the server runs in a second process without a terminal. The first process waits until the second one serves, or prints why it does
// not.

import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { EXIT } from './start-error.js';

/** Set for the second process only. */
const MARK = 'CACHEISMO_DAEMON_CHILD';

type Report = { readonly kind: 'serving' } | { readonly kind: 'refused'; readonly line: string; readonly code: number };

const isChild = process.env[MARK] !== undefined && process.send !== undefined;
delete process.env[MARK];

export function isDaemonChild(): boolean {
  return isChild;
}

/** Starts the second process and ends this one with its line and code, or with 0 once it serves. */
export function startDaemon(verbosity: number): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', 'ignore', keepsLog(verbosity) ? 'inherit' : 'ignore', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill());
  return new Promise((resolve, reject) => {
    const end = (code: number, line = ''): void => {
      process.exitCode = code;
      if (line !== '') process.stderr.write(line);
      if (child.connected) child.disconnect();
      child.unref();
      resolve();
    };
    child.once('error', reject);
    child.once('message', (report: Report) => {
      if (report.kind === 'serving') end(EXIT.ok);
      else end(report.code, report.line);
    });
    child.once('exit', (code, signal) => {
      // A refusal that was reported has set the code already.
      if (process.exitCode === undefined) {
        end(code ?? EXIT.software, `cacheismo: -d: the server ended before it served (${signal ?? `code ${code}`})\n`);
      }
    });
  });
}

/** As in memcached, the log is kept with -v; it is also kept if it is a file. An open pipe would block a program that reads it to its
 * end. */
function keepsLog(verbosity: number): boolean {
  try {
    return verbosity > 0 || fstatSync(2).isFile();
  } catch {
    return false;
  }
}

/** Called by the second process; calls `done` once the first one has the message. */
export function reportServing(): void {
  send({ kind: 'serving' }, () => process.connected && process.disconnect());
}

export function reportRefusal(line: string, code: number, done: () => void): void {
  send({ kind: 'refused', line, code }, done);
}

/** The first process may have ended, which does not matter. */
function send(report: Report, done: () => void): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => done());
  else done();
}
