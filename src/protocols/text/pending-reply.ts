// Replies of many lines, made as text outside the arena and sent as the client reads them. For statistics and other rare commands, which
// limit the text themselves.

import { bytesOf, utf8Encode } from '../../base/latin1.js';
import type { StatRows } from '../../operations/operation-options.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { TextContext } from './text-context.js';
import { Mode, type NextSlice } from './text-session.js';

/** `STAT <name> <value>` for each row, then END. */
export function replyRows(context: TextContext, rows: StatRows): Step {
  let text = '';
  for (const [name, value] of rows) text += `STAT ${name} ${value}\r\n`;
  // Settings may hold any text, such as the names of directories.
  return replyText(context, utf8Encode(`${text}END\r\n`));
}

/** A reply whose characters are bytes, because it may show keys. */
export function replyText(context: TextContext, text: string): Step {
  return begin(context, bytesOf(text));
}

/** A text that is made in slices: `next` makes each one, and returns nothing at the end. */
export function replySlices(context: TextContext, next: NextSlice<TextContext>): Step {
  context.session.nextSlice = next;
  return begin(context, bytesOf(''));
}

function begin({ session }: TextContext, bytes: Uint8Array): Step {
  session.pendingReply = bytes;
  session.pendingSentBytes = 0;
  session.mode = Mode.pendingReply;
  return CONTINUE;
}

export function continueReply(context: TextContext, reply: Uint8Array): Step {
  const { replies, session } = context;
  const length = Math.min(replies.room, reply.length - session.pendingSentBytes);
  replies.append(reply, session.pendingSentBytes, length);
  session.pendingSentBytes += length;
  if (session.pendingSentBytes < reply.length) return Outcome.OUTPUT_FULL;
  const slice = session.nextSlice?.(context);
  if (slice !== undefined) {
    begin(context, slice);
    // The next slice is made in a later turn; other clients are served before it.
    return Outcome.YIELD;
  }
  session.nextSlice = undefined;
  session.pendingReply = undefined;
  session.mode = Mode.command;
  return CONTINUE;
}
