// Where keys that name a method call leave the path of ordinary keys. Not for making calls; an engine without objects
// has none of this.

import type { CommandContext } from './context.js';
import type { Step } from './outcome.js';

export interface VirtualKeys {
  /** Whether the key names a call; if so, one of the following comes while its bytes are in place. */
  isCall(keyAt: number, keyLength: number): boolean;
  /** Answers one key of a retrieval: a VALUE with its data, nothing for a miss, or an error line through `cutList`. The
      session tells the command and its exptime. There is room for a short reply. */
  retrieve(context: CommandContext): Step;
  /** Takes the data block of a storage command, which starts at `request.end`, and answers. */
  store(context: CommandContext): Step;
}
