// Object types, their methods and their failures as JSON.

import type { FastifyInstance } from 'fastify';
import { type AdminAsker, AdminError } from './admin-asker.js';

const NUMBER = { type: 'number' } as const;
const STRING = { type: 'string' } as const;
const BOOLEAN = { type: 'boolean' } as const;
const NUMBER_OR_NULL = { type: ['number', 'null'] } as const;
const NAME = { type: 'string', maxLength: 32 } as const;

const COUNTS = { calls: NUMBER, errors: NUMBER, kills: NUMBER } as const;
const ROW = {
  name: STRING,
  summary: STRING,
  file: STRING,
  language: STRING,
  version: NUMBER,
  loadedAtUnixMs: NUMBER,
  ...COUNTS,
} as const;

const ERROR = {
  type: 'object',
  properties: { file: STRING, line: NUMBER_OR_NULL, message: STRING, atUnixMs: NUMBER, runningVersion: NUMBER_OR_NULL },
} as const;

const TYPES = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      after: { ...NAME, default: '' },
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 100 },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        types: { type: 'array', items: { type: 'object', properties: ROW } },
        count: NUMBER,
        next: { type: ['string', 'null'] },
        errors: { type: 'array', items: ERROR },
        errorCount: NUMBER,
      },
    },
  },
} as const;

const PARAMETER = {
  type: 'object',
  properties: { name: STRING, optional: BOOLEAN, schema: { type: 'object', additionalProperties: true } },
} as const;

const METHOD = {
  type: 'object',
  properties: {
    name: STRING,
    summary: STRING,
    access: STRING,
    ...COUNTS,
    isSuspended: BOOLEAN,
    p50Seconds: NUMBER,
    p99Seconds: NUMBER,
    p999Seconds: NUMBER,
    parameters: { type: 'array', items: PARAMETER },
  },
} as const;

const TYPE = {
  querystring: { type: 'object', required: ['name'], additionalProperties: false, properties: { name: NAME } },
  response: {
    200: {
      type: 'object',
      properties: {
        ...ROW,
        contentVersion: NUMBER,
        isPinned: BOOLEAN,
        uses: { type: 'array', items: STRING },
        methods: { type: 'array', items: METHOD },
      },
    },
  },
} as const;

const FAILURE = { type: 'object', properties: { atUnixMs: NUMBER, line: STRING, stack: STRING } } as const;

const FAILURES = {
  response: { 200: { type: 'object', properties: { failures: { type: 'array', items: FAILURE } } } },
} as const;

const NO_TYPES = { types: [], count: 0, next: null, errors: [], errorCount: 0 };

export function addTypes(app: FastifyInstance, asker: AdminAsker): void {
  app.get<{ Querystring: { after: string; limit: number } }>('/api/types', { schema: TYPES }, async ({ query }) => {
    return (await asker.ask({ kind: 'types', after: query.after, most: query.limit })) ?? NO_TYPES;
  });
  app.get<{ Querystring: { name: string } }>('/api/type', { schema: TYPE }, async ({ query }) => {
    const found = await asker.ask({ kind: 'type', name: query.name });
    if (found === undefined) throw new AdminError(404, `type ${query.name} is not loaded`);
    return found;
  });
  app.get('/api/failures', { schema: FAILURES }, async () => ({ failures: await asker.ask({ kind: 'failures' }) }));
}
