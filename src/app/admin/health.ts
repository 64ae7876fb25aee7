// For supervisors and load balancers: whether the process lives, and whether it should get clients.

import type { FastifyInstance } from 'fastify';
import type { ServerState } from '../server-state.js';

const SCHEMA = {
  response: {
    '2xx': { type: 'object', required: ['state'], properties: { state: { type: 'string' } } },
    503: { type: 'object', required: ['state'], properties: { state: { type: 'string' } } },
  },
} as const;

export function addHealth(app: FastifyInstance, state: () => ServerState): void {
  app.get('/healthz', { schema: SCHEMA }, async () => ({ state: state() }));
  app.get('/readyz', { schema: SCHEMA }, async (_request, reply) => {
    const now = state();
    return reply.code(now === 'ready' ? 200 : 503).send({ state: now });
  });
}
