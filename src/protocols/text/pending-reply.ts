// Replies of many lines, made as text outside the arena and sent as the output takes them. For statistics and other
// rare commands; the text is bounded by who makes it. Not for values.

import type { StatRows } from '../../operations/operation-options.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { asciiBytes } from './text-bytes.js';
import type { CommandContext } from './text-context.js';
import { Mode, type NextSlice } from './text-session.js';

/** `STAT <name> <value>` for each row, then END. */
export function answerRows(context: CommandContext, rows: StatRows): Step {
  let text = '';
  for (const [name, value] of rows) text += `STAT ${name} ${value}\r\n`;
  return answerText(context, `${text}END\r\n`);
}

export function answerText(context: CommandContext, text: string): Step {
  return answerBytes(context, asciiBytes(text));
}

function answerBytes({ session }: CommandContext, bytes: Uint8Array): Step {
  session.listing = bytes;
  session.sentBytes = 0;
  session.mode = Mode.listing;
  return CONTINUE;
}

/** The same for what is made slice by slice: `next` makes the one that follows, or nothing at the end. */
export function answerListing(context: CommandContext, next: NextSlice): Step {
  context.session.nextSlice = next;
  return answerBytes(context, asciiBytes(''));
}

export function continueListing(context: CommandContext, listing: Uint8Array): Step {
  const { reply, session } = context;
  const length = Math.min(reply.room, listing.length - session.sentBytes);
  reply.append(listing, session.sentBytes, length);
  session.sentBytes += length;
  if (session.sentBytes < listing.length) return Outcome.OUTPUT_FULL;
  const slice = session.nextSlice?.(context);
  if (slice !== undefined) return answerBytes(context, slice);
  session.nextSlice = undefined;
  session.listing = undefined;
  session.mode = Mode.command;
  return CONTINUE;
}
