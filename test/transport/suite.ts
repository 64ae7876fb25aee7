// What every transport must do, whichever way it reaches the network. Run with each transport there is.

import { afterEach, describe, expect } from 'vitest';
import { type Start, startServer, type TestServer, type TransportFactory } from './server.js';
import { describeLimits, describeStop, describeTimeouts } from './suite-limits.js';
import { describeBigReplies, describeEnds, describeRequests } from './suite-requests.js';

export function describeTransport(name: string, factory: TransportFactory): void {
  describe(`transport ${name}`, () => {
    const servers: TestServer[] = [];
    const start: Start = async (options) => {
      const server = await startServer(factory, options);
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers) {
        server.transport.stop();
        // Whatever a test did, no session may be forgotten.
        expect(server.engine.sessions.size).toBe(0);
        expect(server.engine.pinned).toBe(0);
      }
      servers.length = 0;
    });

    describeRequests(start);
    describeBigReplies(start);
    describeEnds(start);
    describeLimits(start);
    describeTimeouts(start);
    describeStop(start);
  });
}
