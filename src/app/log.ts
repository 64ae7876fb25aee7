// The log: JSON lines for programs, coloured lines on a terminal, on standard error. Writing it never waits (log-writer.ts).

import { type Logger, pino } from 'pino';
import type { LogMemory } from './admin/log-memory.js';
import type { LogWriter } from './log-writer.js';

/** The log as other parts see it: a message, optionally with details before it. */
export type Log = Pick<Logger, 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'level'>;

interface LogOptions {
  readonly verbosity: number;
  readonly format: LogFormat;
}

interface LineStream {
  write(line: string): void;
}

type LogFormat = 'auto' | 'pretty' | 'json';

const LEVELS = ['info', 'debug', 'trace'] as const;

/** With a memory, the lines are kept there too. */
export async function openLog({ verbosity, format }: LogOptions, writer: LogWriter, memory?: LogMemory): Promise<Log> {
  const written = isPretty(format) ? await prettyStream(writer) : writer;
  const stream = memory === undefined ? written : keptStream(written, memory);
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const formatters = { level: (level: string) => ({ level }) };
  const log: Log = pino({ level: levelOf(verbosity), base: null, timestamp, formatters }, stream);
  return log;
}

/** 0 logs starts, stops and faults, 1 also connections, 2 everything. */
export function setVerbosity(log: Log, verbosity: number): void {
  log.level = levelOf(verbosity);
}

/** Whether the log is read by people: coloured lines rather than JSON. */
export function isPretty(format: LogFormat): boolean {
  return format === 'pretty' || (format === 'auto' && process.stderr.isTTY === true);
}

function levelOf(verbosity: number): string {
  return LEVELS[Math.min(verbosity, LEVELS.length - 1)] as string;
}

function keptStream(stream: LineStream, memory: LogMemory): LineStream {
  return {
    write: (line) => {
      memory.add(line);
      stream.write(line);
    },
  };
}

/** Loaded only for coloured lines: it takes a few megabytes. */
async function prettyStream(writer: LogWriter): Promise<LineStream> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return {
    write: (line) => {
      const entry = JSON.parse(line) as { msg?: unknown };
      writer.write(pretty(typeof entry.msg === 'string' ? { ...entry, msg: oneShownLine(entry.msg) } : entry));
    },
  };
}

/** Names of files and texts of errors come from outside: control characters in them could forge a line, or change the terminal. */
export function oneShownLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
