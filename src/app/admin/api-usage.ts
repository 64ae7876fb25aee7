// What is hot, what is big, what is slow, and what another size would bring, as JSON. The same as `stats hotkeys`, `bigkeys`, `slowcalls` and
// `curve`.

import type { FastifyInstance } from 'fastify';
import type { SlowCall } from '../../objects/calls/slow-call-ring.js';
import type { AdminAsker } from './admin-asker.js';
import { SHOWN_BYTES, shownBytes } from './shown-bytes.js';

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;
const BOOLEAN = { type: 'boolean' } as const;
/** False if the server was started without it, or may not list keys (-X). */
const IS_ON = { isOn: BOOLEAN } as const;

function replyOf<Properties>(properties: Properties) {
  return { response: { 200: { type: 'object', properties } } } as const;
}

function listOf<Properties>(properties: Properties) {
  return { type: 'array', items: { type: 'object', properties } } as const;
}

const HOT_KEYS = replyOf({
  ...IS_ON,
  requestsNoted: NUMBER,
  notedOneIn: NUMBER,
  keys: listOf({
    key: SHOWN_BYTES,
    holds: STRING,
    sharePercent: NUMBER,
    readsPerSecond: NUMBER,
    writesPerSecond: NUMBER,
  }),
});

const BIG_KEYS = replyOf({
  ...IS_ON,
  keys: listOf({ key: SHOWN_BYTES, holds: STRING, bytes: NUMBER, idleSeconds: NUMBER }),
});

const SLOW_CALLS = replyOf({
  count: NUMBER,
  calls: listOf({
    atUnixMs: NUMBER,
    type: STRING,
    method: STRING,
    key: SHOWN_BYTES,
    version: NUMBER,
    argumentBytes: { type: 'array', items: { type: ['number', 'null'] } },
    steps: NUMBER,
    milliseconds: NUMBER,
    isFailed: BOOLEAN,
  }),
});

const CURVE = replyOf({
  ...IS_ON,
  gets: NUMBER,
  keysSampled: NUMBER,
  sampledOneIn: NUMBER,
  sizes: listOf({ factor: NUMBER, bytes: NUMBER, hitRatio: NUMBER }),
});

export function addUsage(app: FastifyInstance, asker: AdminAsker, areKeysListed: boolean): void {
  app.get('/api/hot-keys', { schema: HOT_KEYS }, async () => {
    const list = await asker.ask({ kind: 'hotKeys' });
    return list === undefined ? { isOn: false, keys: [] } : { isOn: true, ...list, keys: list.keys.map(shown) };
  });
  app.get('/api/big-keys', { schema: BIG_KEYS }, async () => {
    const keys = await asker.ask({ kind: 'bigKeys' });
    return { isOn: keys !== undefined, keys: (keys ?? []).map(shown) };
  });
  app.get('/api/slow-calls', { schema: SLOW_CALLS }, async () => {
    const { count, calls } = await asker.ask({ kind: 'slowCalls' });
    return { count, calls: calls.map((call) => slowCall(areKeysListed ? call : { ...call, key: '' })) };
  });
  app.get('/api/curve', { schema: CURVE }, async () => {
    const curve = await asker.ask({ kind: 'curve' });
    return curve === undefined ? { isOn: false, sizes: [] } : { isOn: true, ...curve };
  });
}

function slowCall(call: SlowCall) {
  return { ...shown(call), argumentBytes: sizesIn(call.argumentBytes) };
}

/** Null for an argument that was left out; empty if there was none. */
function sizesIn(text: string): readonly (number | null)[] {
  return text === '-' ? [] : text.split(',').map((size) => (size === '-' ? null : Number(size)));
}

/** With the key, whose characters are bytes, in a form for JSON. */
function shown<Row extends { readonly key: string }>(row: Row) {
  return { ...row, key: shownBytes(Buffer.from(row.key, 'latin1')) };
}
