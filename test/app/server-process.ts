// Runs the built server as a process for tests, on a free port that its log names.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Also found from the compiled tests, which are deeper. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export const COMMAND = join(packageRoot(), 'dist/bundle/cli.js');

export interface ServerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  /** Lines of the log so far, parsed. */
  readonly log: readonly LogLine[];
  /** Waits for a log line whose message matches. */
  logged(pattern: RegExp): Promise<LogLine>;
  /** Resolves with the exit code once the process has ended. */
  readonly ended: Promise<number | null>;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
}

export interface RunResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the command to its end. */
export async function runCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  input?: string | Uint8Array,
): Promise<RunResult> {
  const child = spawnCommand(args, environment, true, undefined, input === undefined ? 'ignore' : 'pipe');
  child.stdin?.end(input);
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

/** Starts a server with one data thread, since each takes CPU time to start; `-t` among the flags replaces it, and `-p` or `-s` the free port. */
export function startProcess(
  flags: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  meansRoot = true,
  openFiles?: number,
): Promise<ServerProcess> {
  const threads = flags.some((flag) => /^(-t|--threads)/.test(flag)) ? [] : ['-t', '1'];
  return startOnAllProcessors([...threads, ...flags], environment, meansRoot, openFiles);
}

/** Starts a server without object types, which takes half of the CPU time. */
export function startPlain(...flags: readonly string[]): Promise<ServerProcess> {
  return startProcess(['--no-objects', ...flags]);
}

/** Starts a server with as many data threads as it has by default: one per processor. */
export async function startOnAllProcessors(
  flags: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  meansRoot = true,
  openFiles?: number,
): Promise<ServerProcess> {
  const place = flags.some((flag) => /^-[ps]/.test(flag)) ? [] : ['-p', '0'];
  const child = spawnCommand([...place, '--log-format', 'json', ...flags], environment, meansRoot, openFiles);
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) log.push(parseLine(line));
    for (const wake of waiting) wake();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
      for (const wake of waiting) wake();
    });
  });
  const logged = (pattern: RegExp): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = log.find(({ msg }) => pattern.test(msg));
        if (found === undefined && child.exitCode === null) return;
        waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the server ended (${child.exitCode}): ${log.map(({ msg }) => msg).join('; ')} ${rest}`));
      };
      waiting.add(look);
      look();
    });
  const { msg } = await logged(/ listening on /);
  const port = Number(/:(\d+)/.exec(msg)?.[1] ?? 0);
  const end = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await ended;
  };
  return { child, port, log, logged, ended, [Symbol.asyncDispose]: end };
}

/** Starts a server and does not wait for it to serve. */
export function spawnServer(args: readonly string[]) {
  const child = spawnCommand(args, {});
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, lines: () => text.split('\n') };
}

/** `openFiles` limits how many the process may open; not on Windows. */
function spawnCommand(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  meansRoot = true,
  openFiles?: number,
  input: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  if (!existsSync(COMMAND)) throw new Error('the server is not built: npm run build');
  // Tests in containers run as root on purpose.
  const user =
    meansRoot && process.getuid?.() === 0 && args[0]?.startsWith('-') && !args.includes('-u') ? ['-u', 'root'] : [];
  const command = [process.execPath, COMMAND, ...args, ...user];
  const limited = ['sh', '-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, ...command];
  const [program, ...rest] = openFiles === undefined ? command : limited;
  return spawn(program, rest, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: [input, 'pipe', 'pipe'],
  });
}

/** A line that is not JSON was not written by the log and is kept unchanged. */
function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'none', msg: line };
  }
}
