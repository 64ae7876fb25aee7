// `cacheismo dump`: prints a stream (dump-stream.ts) of everything that a running server, or a memory file, holds.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { reasonOf } from '../../base/error-reason.js';
import { type DumpCounts, RecordKind, readEnd } from '../../operations/portable/record.js';
import { explainFailure, type ServerFlags, serverOf } from '../server-address.js';
import { EXIT, StartError } from '../start-error.js';
import { StreamWriter } from './dump-stream.js';
import { recordsOfFile } from './file-records.js';
import { Progress, wordsOf } from './progress.js';
import { recordsOfServer } from './server-records.js';

const FAILED = 1;
/** Bytes that are written together. */
const WRITTEN_BYTES = 64 * 1024;

export interface DumpFlags extends ServerFlags {
  /** A memory file, instead of a server. */
  readonly from?: string;
}

/** `say` prints a line for people. */
export async function dump(
  flags: DumpFlags,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  if (process.stdout.isTTY)
    throw new StartError('dump: the output is binary; write it to a file: cacheismo dump > FILE');
  const result: { end?: DumpCounts } = {};
  const progress = new Progress(say);
  const explained = flags.from === undefined ? fromServer(flags, environment) : fromFile(flags.from);
  try {
    await pipeline(Readable.from(streamOf(explained, result, progress, say)), process.stdout, { end: false });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const isClosed = (error as NodeJS.ErrnoException).code === 'EPIPE';
    const reason = isClosed ? 'the program that reads it has ended' : reasonOf(error);
    throw new StartError(`the output cannot be written: ${reason}; the dump is not complete`, EXIT.ioError, {
      cause: error,
    });
  }
  const { end } = result;
  if (end === undefined) throw new StartError('the dump has no end', FAILED);
  say(`dumped ${wordsOf(end, progress.bytes)}`);
  if (end.skipped > 0) throw new StartError(`${end.skipped} objects could not be dumped`, FAILED);
}

function fromServer(flags: ServerFlags, environment: NodeJS.ProcessEnv): AsyncIterable<Uint8Array> {
  const { name, options } = serverOf(flags, environment);
  return explainingErrors(recordsOfServer(name, options), (error) => `${name}: ${explainFailure(error, options)}`);
}

function fromFile(path: string): AsyncIterable<Uint8Array> {
  return explainingErrors(recordsOfFile(path), (error) => `--from ${path}: ${reasonOf(error)}`);
}

/** Errors of the source are not taken for those of the output. */
async function* explainingErrors(
  records: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  explain: (error: unknown) => string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* records;
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${explain(error)}; the dump is not complete`, FAILED, { cause: error });
  }
}

async function* streamOf(
  records: AsyncIterable<Uint8Array>,
  result: { end?: DumpCounts },
  progress: Progress,
  say: (line: string) => void,
): AsyncGenerator<Buffer> {
  const writer = new StreamWriter();
  let parts: Uint8Array[] = [writer.start];
  let waiting = writer.start.length;
  for await (const record of records) {
    if (record[0] === RecordKind.skipped) {
      say(`skipped ${printable(record.subarray(1))}`);
      continue;
    }
    if (record[0] === RecordKind.end) result.end = readEnd(record);
    else if (record[0] !== RecordKind.clock) progress.note(record[0] === RecordKind.object, record.length);
    for (const part of writer.add(record)) {
      parts.push(part);
      waiting += part.length;
    }
    if (waiting < WRITTEN_BYTES) continue;
    yield Buffer.concat(parts);
    parts = [];
    waiting = 0;
  }
  yield Buffer.concat(parts);
}

function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[^ -~]/g, '?');
}
