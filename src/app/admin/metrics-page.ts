// The page that Prometheus scrapes.

import type { FastifyInstance } from 'fastify';
import { familyOf, type MetricFamily } from '../../base/metric-family.js';
import { gauge } from '../../base/metrics.js';
import type { AdminAsker } from './admin-asker.js';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus-text.js';

export function addMetrics(app: FastifyInstance, asker: AdminAsker, version: string): void {
  const info = familyOf('info', gauge('the version of the server'), [{ labels: { version }, value: 1 }]);
  // Requests that get the same metrics get the same text: to write it takes longer than the rest of a request.
  let written: { readonly families: readonly MetricFamily[]; readonly text: string } | undefined;
  app.get('/metrics', async (_request, reply) => {
    const families = await asker.metrics();
    if (written?.families !== families) written = { families, text: prometheusText([info, ...families]) };
    return reply.type(PROMETHEUS_TYPE).send(written.text);
  });
}
