// Writes requests from words with placeholders for numbers, in either protocol.

import type { Call, Protocol } from './plan.js';
import type { Random } from './random.js';
import type { RequestWriter } from './request-writer.js';

const DRAWN_LIMIT = 1000;
const DRAWN_DIGITS = 3;
const RESP_WORD_BYTES = 16;

export function largestCallBytes(call: Call): number {
  return call.reduce((sum, word) => sum + word.length + DRAWN_DIGITS + RESP_WORD_BYTES, RESP_WORD_BYTES);
}

export function writeCall(to: RequestWriter, protocol: Protocol, call: Call, number: number, random: Random): void {
  if (protocol === 'redis') to.text(`*${call.length}\r\n`);
  for (let index = 0; index < call.length; index++) {
    const word = fillIn(call[index], number, random);
    if (protocol === 'redis') to.text(`$${word.length}\r\n${word}\r\n`);
    else to.text(index === 0 ? word : ` ${word}`);
  }
  if (protocol === 'memcached') to.text('\r\n');
}

export function fillIn(word: string, number: number, random: Random): string {
  return word
    .replace(/#+/g, (places) => String(number).padStart(places.length, '0').slice(-places.length))
    .replace(/~/g, () => String(random.below(DRAWN_LIMIT)));
}
