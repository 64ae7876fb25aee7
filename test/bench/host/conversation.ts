// Sends single requests outside of all measurements: to prepare a server, to check it, to read its figures.

import { connect } from 'node:net';
import type { Protocol } from '../load/plan.js';
import { replyCounter } from '../load/replies.js';

const ANSWER_MILLISECONDS = 30_000;

/** Sends one request and returns the text of its reply. */
export function ask(port: number, protocol: Protocol, request: string): Promise<string> {
  return converse(port, request, (bytes) => {
    const counter = replyCounter(protocol);
    counter.count(bytes, 0, bytes.length);
    return counter.replies > 0;
  });
}

/** The rows of `stats` of a memcached, or of `INFO memory` of a redis-server, by their names. */
export async function readFigures(port: number, protocol: Protocol): Promise<Map<string, string>> {
  if (protocol === 'redis') {
    const text = await ask(port, protocol, respRequest(['INFO', 'memory']));
    return new Map(text.split('\r\n').map((line) => line.split(':', 2) as [string, string]));
  }
  const text = await converse(port, 'stats\r\n', (bytes) => bytes.toString('latin1').endsWith('END\r\n'));
  return new Map(text.split('\r\n').map((line) => line.split(' ').slice(1, 3) as [string, string]));
}

/** Bytes that a server reports for its items. */
export async function storedBytes(port: number, protocol: Protocol): Promise<number> {
  const figures = await readFigures(port, protocol);
  return Number(figures.get(protocol === 'redis' ? 'used_memory' : 'bytes'));
}

export function respRequest(words: readonly string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word, 'latin1')}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join('')}`;
}

function converse(port: number, request: string, isWhole: (bytes: Buffer) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(request, 'latin1'));
    socket.setTimeout(ANSWER_MILLISECONDS, () => socket.destroy(new Error(`no answer to ${request.trim()}`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`the server closed on ${request.trim()}`)));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!isWhole(bytes)) return;
      resolve(bytes.toString('latin1'));
      socket.destroy();
    });
  });
}
