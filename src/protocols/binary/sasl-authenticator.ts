// What the SASL requests ask: who a client is, by its name and password. An interface, since a server where nobody has to say so has none.
// Not for the frames that bring the question.

import type { Principal } from '../../operations/rights.js';

export interface SaslAuthenticator {
  /** The names of the mechanisms, with blanks between them. */
  readonly mechanisms: string;
  /** Who the client is; undefined when its message does not prove it. */
  authenticate(mechanism: string, message: Uint8Array): Principal | undefined;
}
