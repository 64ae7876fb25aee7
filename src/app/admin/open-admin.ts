// Opens the admin interface if the configuration has a port for it. The HTTP server, which takes some megabytes, is loaded only then.

import type { Metrics } from '../../base/metrics.js';
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import type { ObjectPlane } from '../object-plane.js';
import type { ServerState } from '../server-state.js';
import type { Ask } from '../threads/questions.js';
import type { EventSources } from './api-events.js';
import { LogMemory } from './log-memory.js';

interface OpenParts {
  readonly settings: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly transport: { readonly ask: Ask };
  readonly objects: ObjectPlane | undefined;
  readonly state: () => ServerState;
}

/** Throws StartError. */
export async function openAdminPort(
  { settings, log, metrics, transport, objects, state }: OpenParts,
  memory = new LogMemory(),
): Promise<void> {
  if (settings.adminPort === undefined) return;
  const { openAdmin } = await import('./admin-server.js');
  const onReload: EventSources['onReload'] = (listener) => {
    if (objects !== undefined) objects.onReload = listener;
  };
  await openAdmin({ settings, state, ask: transport.ask, metrics, log, events: { log: memory, onReload } });
}
