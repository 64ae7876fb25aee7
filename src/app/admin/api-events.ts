// What happens, as it happens: lines of the log, reloads of object types, and the metrics once a second.

import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../base/metrics.js';
import type { ReloadEvent } from '../../reload/reload-report.js';
import { type AdminAsker, AdminError } from './admin-asker.js';
import { statsOf } from './api-stats.js';
import { EventStream } from './event-stream.js';
import type { LogMemory } from './log-memory.js';
import type { RecentTimes } from './recent-times.js';
import { ReloadMemory } from './reload-memory.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The reply does not end by itself. */
    lasts?: boolean;
  }
}

const STATS_MS = 1000;

const LINE = {
  type: 'object',
  properties: {
    number: { type: 'number' },
    unixMs: { type: 'number' },
    level: { type: 'string' },
    message: { type: 'string' },
  },
} as const;

const LOG = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: { after: { type: 'integer', minimum: 0, default: 0 } },
  },
  response: { 200: { type: 'object', properties: { lines: { type: 'array', items: LINE } } } },
} as const;

const RELOAD = {
  type: 'object',
  properties: {
    unixMs: { type: 'number' },
    file: { type: 'string' },
    outcome: { type: 'string' },
    message: { type: 'string' },
  },
} as const;

const RELOADS = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: { type: 'string', maxLength: 1000 },
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 100 },
    },
  },
  response: { 200: { type: 'object', properties: { reloads: { type: 'array', items: RELOAD } } } },
} as const;

export interface EventSources {
  readonly log: LogMemory;
  /** Calls the function for each file of object types that is loaded, fails or is removed. */
  readonly onReload: (listener: (event: ReloadEvent) => void) => void;
}

export function addEvents(
  app: FastifyInstance,
  asker: AdminAsker,
  { log, onReload }: EventSources,
  version: string,
  metrics: Pick<Metrics, 'add'>,
  recent: RecentTimes,
): void {
  const events = new EventStream(metrics);
  let timer: NodeJS.Timeout | undefined;
  const sendStats = () => {
    asker.metrics().then(
      (families) => {
        recent.add(families, performance.now());
        events.send('stats', statsOf(families, version, recent));
      },
      // The next second may bring an answer.
      () => undefined,
    );
  };
  events.onNeeded = (isNeeded) => {
    clearInterval(timer);
    if (isNeeded) timer = setInterval(sendStats, STATS_MS);
    else recent.clear();
  };
  log.onLine = (line) => events.send('log', line);
  const reloads = new ReloadMemory();
  onReload((event) => events.send('reload', reloads.add(event)));
  app.get<{ Querystring: { file?: string; limit: number } }>(
    '/api/reloads',
    { schema: RELOADS },
    async ({ query: { file, limit } }) => ({ reloads: reloads.list(file, limit) }),
  );
  app.get<{ Querystring: { after: number } }>('/api/log', { schema: LOG }, async ({ query }) => ({
    lines: log.after(query.after),
  }));
  // Without a body a HEAD would wait for its end in vain.
  app.get('/api/events', { config: { lasts: true }, exposeHeadRoute: false }, (_request, reply) => {
    if (events.isFull) throw new AdminError(503, 'too many clients read events already');
    reply.hijack();
    events.add(reply.raw);
  });
}
