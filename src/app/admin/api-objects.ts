// Items and objects as JSON: listed by prefix, looked into part by part, and calls of methods.

import type { FastifyInstance } from 'fastify';
import { encodedKey } from '../../operations/encoded-key.js';
import type { ItemFacts } from '../../operations/item-facts.js';
import { MOST_KEY_BYTES } from '../threads/object-answers.js';
import { type AdminAsker, AdminError } from './admin-asker.js';
import { BASE64, givenBytes, SHOWN_BYTES, type ShownBytes, shownBytes, wholeCharacters } from './shown-bytes.js';

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;
/** Of a type or method: no separator of a virtual key. */
const NAME = { type: 'string', pattern: '^[^:%\\s]*$', maxLength: 32 } as const;
const NUMBER_OR_NULL = { type: ['number', 'null'] } as const;

const FACTS = {
  key: SHOWN_BYTES,
  isObject: { type: 'boolean' },
  bytes: NUMBER,
  ttlSeconds: NUMBER_OR_NULL,
  idleSeconds: NUMBER,
  clientFlags: NUMBER,
} as const;

const OBJECTS = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      prefix: { type: 'string', maxLength: MOST_KEY_BYTES, default: '' },
      cursor: { type: 'integer', minimum: 0, maximum: 2 ** 32, default: 0 },
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 100 },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: { objects: { type: 'array', items: { type: 'object', properties: FACTS } }, next: NUMBER_OR_NULL },
    },
  },
} as const;

const OBJECT = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      key: { type: 'string', maxLength: MOST_KEY_BYTES },
      keyBase64: { ...BASE64, maxLength: 2 * MOST_KEY_BYTES },
      from: { type: 'integer', minimum: 0, maximum: 2 ** 31, default: 0 },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        ...FACTS,
        totalBytes: NUMBER,
        from: NUMBER,
        part: SHOWN_BYTES,
        next: NUMBER_OR_NULL,
        error: STRING,
      },
    },
  },
} as const;

const CALL = {
  body: {
    type: 'object',
    required: ['type', 'method'],
    additionalProperties: false,
    properties: {
      type: NAME,
      method: NAME,
      key: { type: 'string', maxLength: MOST_KEY_BYTES },
      keyBase64: { ...BASE64, maxLength: 2 * MOST_KEY_BYTES },
      arguments: { type: 'array', maxItems: 64, items: { type: 'string' }, default: [] },
      data: { type: 'string' },
      dataBase64: BASE64,
    },
  },
  response: {
    200: { type: 'object', properties: { outcome: STRING, value: SHOWN_BYTES, totalBytes: NUMBER } },
  },
} as const;

/** Slices of the index that one request looks through for a rare prefix; between them the threads serve. */
const SLICES = 16;

interface CallBody {
  readonly type: string;
  readonly method: string;
  readonly key?: string;
  readonly keyBase64?: string;
  readonly arguments: readonly string[];
  readonly data?: string;
  readonly dataBase64?: string;
}

interface ObjectSettings {
  /** Whether keys may be listed. */
  readonly dumpingAllowed: boolean;
  readonly virtualPrefixes: readonly string[];
  readonly virtualPrefixRequired: boolean;
}

export function addObjects(app: FastifyInstance, asker: AdminAsker, settings: ObjectSettings): void {
  app.get<{ Querystring: { prefix: string; cursor: number; limit: number } }>(
    '/api/objects',
    { schema: OBJECTS },
    async ({ query: { prefix, cursor, limit } }) => {
      if (!settings.dumpingAllowed) throw new AdminError(403, 'listing keys is disabled (-X)');
      const bytes = Buffer.from(prefix, 'utf8').toString('latin1');
      let page = await asker.ask({ kind: 'items', prefix: bytes, from: cursor, most: limit });
      for (let slice = 1; slice < SLICES && page.items.length === 0 && page.next !== null; slice++) {
        page = await asker.ask({ kind: 'items', prefix: bytes, from: page.next, most: limit });
      }
      return { objects: page.items.map(shownFacts), next: page.next };
    },
  );
  app.get<{ Querystring: { key?: string; keyBase64?: string; from: number } }>(
    '/api/object',
    { schema: OBJECT },
    async ({ query: { key: text, keyBase64, from } }) => {
      const key = bytesGiven('key', text, keyBase64) ?? new Uint8Array();
      demandKey(key);
      const view = await asker.ask({ kind: 'item', key, from });
      if (view === undefined) throw new AdminError(404, 'there is no item with this key');
      const { error, totalBytes } = view;
      const isLast = from + view.part.length >= totalBytes;
      const part = isLast ? view.part : wholeCharacters(view.part);
      const next = isLast ? null : from + part.length;
      return { ...shownFacts(view), totalBytes, from, part: shownBytes(part), next, error };
    },
  );
  app.post<{ Body: CallBody }>('/api/call', { schema: CALL }, async ({ body }) => {
    const { type, method, arguments: given } = body;
    const key = bytesGiven('key', body.key, body.keyBase64);
    if (key === undefined) throw new AdminError(400, 'key or keyBase64 is required');
    const data = bytesGiven('data', body.data, body.dataBase64);
    const prefix = settings.virtualPrefixRequired ? (settings.virtualPrefixes[0] ?? '') : '';
    const parts = [type, method, encodedBytes(key), ...given.map((text) => encodedBytes(Buffer.from(text, 'utf8')))];
    const virtualKey = new Uint8Array(Buffer.from(`${prefix}${parts.join(':')}`, 'latin1'));
    demandKey(virtualKey);
    const called = await asker.ask({ kind: 'call', key: virtualKey, data });
    if (called === undefined) throw new AdminError(404, `there is no method ${type}:${method}`);
    return { outcome: called.outcome, value: shownBytes(called.value), totalBytes: called.totalBytes };
  });
}

/** In the form of a virtual key, whose %XX stand for any byte. */
function encodedBytes(bytes: Uint8Array): string {
  return encodedKey(Buffer.from(bytes).toString('latin1'));
}

function bytesGiven(name: string, text: string | undefined, base64: string | undefined): Uint8Array | undefined {
  if (text !== undefined && base64 !== undefined) throw new AdminError(400, `give ${name} or ${name}Base64, not both`);
  return givenBytes(text, base64);
}

function demandKey({ length }: Uint8Array): void {
  if (length === 0) throw new AdminError(400, 'a key is required');
  if (length <= MOST_KEY_BYTES) return;
  throw new AdminError(400, `the key has ${length} bytes, more than ${MOST_KEY_BYTES}: send the last argument as data`);
}

function shownFacts({ key, bytes, isObject, ttlSeconds, idleSeconds, clientFlags }: ItemFacts) {
  const shownKey: ShownBytes = shownBytes(Buffer.from(key, 'latin1'));
  return { key: shownKey, isObject, bytes, ttlSeconds, idleSeconds, clientFlags };
}
