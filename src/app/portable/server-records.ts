// The records of a running server, by its command `dump`, and explanations for a server that refuses.

import { type ConnectionOptions, connectTo, loginRequest } from '../../client/call-connection.js';
import { RecordKind } from '../../operations/portable/record.js';
import { StartError } from '../start-error.js';
import { ByteSource } from './byte-source.js';

const FAILED = 1;
const START = 'DUMP 1\r\n';
const LENGTH_BYTES = 4;
const LONGEST_LINE = 1024;
/** How long the server may send nothing while it makes the record of one object, in slices between which it serves others. A choice: some 20 times
    the CPU time of the largest object. */
const SILENCE_MS = 120_000;

/** The records, the end included. `name` is the server's, for messages. Throws StartError for a server that refuses, and an Error where the connection fails. */
export async function* recordsOfServer(name: string, options: ConnectionOptions): AsyncGenerator<Uint8Array> {
  const socket = connectTo(options);
  try {
    const source = new ByteSource(withinTime(socket));
    if (options.user !== undefined) {
      socket.write(loginRequest(options.user));
      const line = await lineOf(source);
      if (line !== 'STORED') {
        throw new StartError(`${name}: the user ${options.user.name} is not accepted: ${line}`, FAILED);
      }
    }
    socket.write('dump\r\n');
    const line = await lineOf(source);
    if (line !== START.trim()) throw new StartError(`${name}: ${explainRefusal(line, 'dump')}`, FAILED);
    for (;;) {
      const length = (await takeWhole(source, LENGTH_BYTES)).readUInt32LE();
      const record = await takeWhole(source, length);
      yield record;
      if (record[0] === RecordKind.end) return;
    }
  } finally {
    socket.destroy();
  }
}

async function lineOf(source: ByteSource): Promise<string> {
  const line = (await source.takeLine(LONGEST_LINE)).toString('latin1');
  if (!line.endsWith('\n')) throw new Error('the server closed the connection');
  return line.trim();
}

async function takeWhole(source: ByteSource, length: number): Promise<Buffer> {
  const bytes = await source.take(length);
  if (bytes.length < length) throw new Error('the server stopped or closed the connection before the end of its dump');
  return bytes;
}

/** Ends with an error when a chunk that is wanted does not come. While no chunk is wanted, the time does not count. */
async function* withinTime(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the server sent nothing for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
    });
    const { done, value } = await Promise.race([iterator.next(), silence]).finally(() => clearTimeout(timer));
    if (done === true) return;
    yield value;
  }
}

/** What to do about the line with which a server refuses a command. */
export function explainRefusal(line: string, command: string): string {
  if (line === 'CLIENT_ERROR unauthenticated') return `${line}; log in by --user name:password`;
  if (line === 'CLIENT_ERROR not permitted') return `${line}; the user needs the role admin`;
  if (line === 'ERROR') return `the server does not know the command ${command}: it is no cacheismo, or an older one`;
  return line.startsWith('ERROR dump not allowed') ? `${line}: the server runs with -X` : line;
}
