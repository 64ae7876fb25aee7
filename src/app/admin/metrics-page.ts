// The page that Prometheus scrapes.

import type { FastifyInstance } from 'fastify';
import { familyOf } from '../../base/metric-family.js';
import { gauge } from '../../base/metrics.js';
import type { AdminAsker } from './admin-asker.js';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus-text.js';

export function addMetrics(app: FastifyInstance, asker: AdminAsker, version: string): void {
  const info = familyOf('info', gauge('the version of the server'), [{ labels: { version }, value: 1 }]);
  app.get('/metrics', async (_request, reply) => {
    const families = await asker.metrics();
    return reply.type(PROMETHEUS_TYPE).send(prometheusText([info, ...families]));
  });
}
