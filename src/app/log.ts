// The log: JSON lines for programs, coloured lines on a terminal, on standard error. Written at once and in order, with
// no thread of its own. Not for statistics.

import { type Logger, pino } from 'pino';

/** What the other parts need of a log: a message, perhaps with details before it. */
export type Log = Pick<Logger, 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'level'>;

export interface LogOptions {
  readonly verbosity: number;
  readonly format: 'auto' | 'pretty' | 'json';
}

const STANDARD_ERROR = 2;
const LEVELS = ['info', 'debug', 'trace'] as const;

export async function openLog({ verbosity, format }: LogOptions): Promise<Log> {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true);
  const stream = isPretty ? await prettyStream() : pino.destination({ dest: STANDARD_ERROR, sync: true });
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const formatters = { level: (level: string) => ({ level }) };
  const log: Log = pino({ level: levelOf(verbosity), base: null, timestamp, formatters }, stream);
  return log;
}

/** 0 tells of starts, stops and faults, 1 also of connections, 2 of everything. */
export function setVerbosity(log: Log, verbosity: number): void {
  log.level = levelOf(verbosity);
}

function levelOf(verbosity: number): string {
  return LEVELS[Math.min(verbosity, LEVELS.length - 1)] as string;
}

/** Loaded only for people: it costs a few megabytes. */
async function prettyStream(): Promise<NodeJS.WritableStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: STANDARD_ERROR,
    sync: true,
    colorize: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
