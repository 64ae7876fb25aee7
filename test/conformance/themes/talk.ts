// Conversations with the built server, written as tables of requests and replies. In both `$` is a line end.

import { expect } from 'vitest';
import { LineClient } from '../../app/line-client.js';

export type Exchange = readonly [send: string, reply: string | RegExp];

/** Requests and replies of one connection, in this order. */
export async function converse(place: number | string, exchanges: readonly Exchange[]): Promise<void> {
  using client = await LineClient.connect(place);
  for (const [send, reply] of exchanges) {
    const received = await client.ask(send.replaceAll('$', '\r\n'));
    const shown = received.replaceAll('\r\n', '$');
    if (typeof reply === 'string') expect([send.slice(0, 80), shown]).toEqual([send.slice(0, 80), reply]);
    else expect(shown, send.slice(0, 80)).toMatch(reply);
  }
}

/** Rows of `stats`, or of one of its topics. */
export async function statsOf(client: LineClient, topic = ''): Promise<Readonly<Record<string, string>>> {
  const rows = await client.ask(`stats${topic === '' ? '' : ` ${topic}`}\r\n`);
  return Object.fromEntries([...rows.matchAll(/^STAT (\S+) ([^\r\n]*)\r$/gm)].map(([, name, value]) => [name, value]));
}

export function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
