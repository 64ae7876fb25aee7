// `cacheismo load`: puts the items and objects of a stream (dump-stream.ts) into a running server.

import { once } from 'node:events';
import { createReadStream, fstatSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { reasonOf } from '../../base/error-reason.js';
import { CallConnection, type ConnectionOptions, connectTo, loginRequest } from '../../client/call-connection.js';
import { explainFailure, type ServerFlags, serverOf } from '../server-address.js';
import { EXIT, StartError } from '../start-error.js';
import { ByteSource } from './byte-source.js';
import { recordsOf, StreamError } from './dump-stream.js';
import { counted, Progress, wordsOf } from './progress.js';
import { Restores } from './restores.js';

const FAILED = 1;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const STANDARD_INPUT = 0;
/** Making the largest object takes a server some seconds, in slices between which it serves others. A choice: some 20 times that CPU time. */
const TIMEOUT_MS = 120_000;

export interface LoadFlags extends ServerFlags {
  readonly keep?: true;
  readonly anyClock?: true;
  readonly dryRun?: true;
}

/** `say` prints a line for people. */
export async function load(
  flags: LoadFlags,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  if (process.stdin.isTTY) throw new StartError('load: give the stream of a dump as input: cacheismo load < FILE');
  const { name, options } = serverOf(flags, environment);
  const isFile = fstatSync(STANDARD_INPUT).isFile();
  // Read twice, so that nothing of a damaged file is loaded. What comes through a pipe is checked record by record.
  if (isFile || flags.dryRun) await check(isFile, flags.dryRun === true, say);
  if (flags.dryRun) return;
  const evictedBefore = await evictionsOf(options).catch((error: unknown) => {
    throw new StartError(`${name}: ${explainFailure(error, options)}`, FAILED, { cause: error });
  });
  const interruption = new AbortController();
  // The next signal ends the program: its listener is gone by then.
  for (const signal of SIGNALS) process.once(signal, () => interruption.abort());
  const restores = await restoreAll(isFile, flags, { name, options }, interruption.signal, say);
  const { expired, kept, progress, refused } = restores;
  const evicted = (await evictionsOf(options).catch(() => evictedBefore)) - evictedBefore;
  say(
    [
      `loaded ${wordsOf(progress, progress.bytes)}`,
      ...(expired === 0 ? [] : [`${expired} had expired`]),
      ...(kept === 0 ? [] : [`${kept} were left as the server has them`]),
      ...(evicted === 0
        ? []
        : [`the server has evicted ${counted(evicted, 'item')} meanwhile, the least recently used first`]),
    ].join('; '),
  );
  if (interruption.signal.aborted) {
    throw new StartError('interrupted; the rest of the stream was not loaded', EXIT.interrupted);
  }
  if (refused > 0) throw new StartError(`${counted(refused, 'record')} of the stream could not be loaded`, FAILED);
}

function inputStream(isFile: boolean, interruption?: AbortSignal): ByteSource {
  const input = isFile ? createReadStream('', { fd: STANDARD_INPUT, start: 0, autoClose: false }) : process.stdin;
  return new ByteSource(interruption === undefined ? input : addAbortSignal(interruption, input));
}

async function check(isFile: boolean, isAll: boolean, say: (line: string) => void): Promise<void> {
  const progress = new Progress(isAll ? say : () => {});
  await refusingDamage(0, async () => {
    for await (const { bytes, isClock, isObject } of recordsOf(inputStream(isFile))) {
      if (!isClock) progress.note(isObject, bytes.length);
    }
  });
  if (isAll) say(`the stream is complete: ${wordsOf(progress, progress.bytes)}`);
}

async function restoreAll(
  isFile: boolean,
  { anyClock, keep }: LoadFlags,
  { name, options }: { name: string; options: ConnectionOptions },
  interruption: AbortSignal,
  say: (line: string) => void,
): Promise<Restores> {
  const connection = await CallConnection.open({ ...options, timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    throw new StartError(`${name}: ${explainFailure(error, options)}`, FAILED, { cause: error });
  });
  const restores = new Restores(connection, name, keep === true, say);
  const loaded = () => restores.progress.items + restores.progress.objects;
  try {
    await refusingDamage(loaded, async () => {
      try {
        for await (const record of recordsOf(inputStream(isFile, interruption))) {
          if (record.isClock) await restores.sendClock(record);
          else if (record.isObject && restores.isOtherClock && !anyClock)
            throw new StartError(`${otherClock(name)}; ${counted(loaded(), 'record')} had been loaded`, FAILED);
          else await restores.send(record);
        }
      } finally {
        await restores.end();
      }
    });
    return restores;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return restores;
    if (error instanceof StartError) throw error;
    const reason = loaded() === 0 ? explainFailure(error, options) : reasonOf(error);
    throw new StartError(`${name}: ${reason}; ${counted(loaded(), 'record')} had been loaded`, FAILED, {
      cause: error,
    });
  } finally {
    connection.close();
  }
}

function otherClock(name: string): string {
  return (
    `${name}: it has items, so call.monotonicMs cannot continue there as on the dumped server: times in objects would be wrong; ` +
    'load into a server without items (flush_all), or give --any-clock'
  );
}

/** `loaded`: how many records were loaded before the damage. */
async function refusingDamage(loaded: number | (() => number), work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    const count = typeof loaded === 'number' ? loaded : loaded();
    const rest = count === 0 ? 'nothing was loaded' : `the ${count} records before it were loaded`;
    throw new StartError(`the stream is refused: ${error.message}; ${rest}`, EXIT.dataError, { cause: error });
  }
}

/** What `stats` says about evictions; 0 if the server refuses it, as before a login. */
async function evictionsOf(options: ConnectionOptions): Promise<number> {
  const socket = connectTo(options);
  const login = options.user === undefined ? '' : loginRequest(options.user).toString('latin1');
  let text = '';
  // A server that requires a login refuses `quit` as well, so the client closes the connection.
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    if (/^(END|[A-Z_]*ERROR.*)\r$/m.test(text)) socket.destroy();
  });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`the server sent nothing for ${TIMEOUT_MS / 1000} s`)));
  socket.write(`${login}stats\r\n`, 'latin1');
  await once(socket, 'close');
  return Number(/^STAT evictions (\d+)\r$/m.exec(text)?.[1] ?? 0);
}
