// The client that a thread has of its own at the start, whose requests make V8 compile the code: it is not logged and need not log in.

import type { ThreadAuthenticator } from '../../security/thread-authenticator.js';
import type { ThreadNotes } from './thread-notes.js';

/** `authenticator`: undefined if clients do not have to log in. */
export function asOwnClient(
  notes: ThreadNotes,
  authenticator: ThreadAuthenticator | undefined,
  serve: () => void,
): void {
  notes.isMuted = true;
  if (authenticator !== undefined) authenticator.isForOwnClient = true;
  serve();
  notes.isMuted = false;
  if (authenticator !== undefined) authenticator.isForOwnClient = false;
}
