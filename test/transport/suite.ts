// The suite that every transport must pass, whichever way it reaches the network.

import { afterEach, describe, expect } from 'vitest';
import type { Target } from './client.js';
import { type Start, startServer, type TestServer, type TransportFactory } from './server.js';
import { describeLimits, describeStop, describeTimeouts } from './suite-limits.js';
import { describeBigReplies, describeEnds, describeRequests } from './suite-requests.js';

/** With `tls` all clients use TLS. */
export function describeTransport(name: string, factory: TransportFactory, tls?: Target['tls']): void {
  describe(`transport ${name}`, () => {
    const servers: TestServer[] = [];
    const start: Start = async (options) => {
      const server = await startServer(factory, { clientTls: tls, ...options });
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers) {
        server.transport.stop();
        // Whatever a test did, every session must be closed.
        expect(server.engine.sessions.size).toBe(0);
        expect(server.engine.pinned).toBe(0);
      }
      servers.length = 0;
    });

    describeRequests(start);
    describeBigReplies(start);
    describeEnds(start);
    describeLimits(start, tls === undefined ? 'ERROR Too many open connections\r\n' : '');
    describeTimeouts(start);
    describeStop(start);
  });
}
