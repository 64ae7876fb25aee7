// The part of the request that scripts in the original's style can read. The reply that they write: legacy-reply.ts.

import { latin1 } from '../../base/latin1.js';

export class LegacyRequest {
  command = 'get';
  clientFlags = 0;
  exptimeSeconds = 0;
  noReply = false;
  dataLength: number | undefined;
  virtualAt = 0;
  virtualLength = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get virtualKey(): string {
    return latin1(this.bytes, this.virtualAt, this.virtualLength);
  }
}
