// Replies of many lines, made as text outside the arena and sent as the output takes them. For statistics and other
// rare commands; the text is bounded by who makes it. Not for values.

import { asciiBytes } from '../protocol/bytes.js';
import type { CommandContext } from './context.js';
import type { StatRows } from './engine-options.js';
import { CONTINUE, Outcome, type Step } from './outcome.js';
import { Mode } from './session.js';

/** `STAT <name> <value>` for each row, then END. */
export function answerRows(context: CommandContext, rows: StatRows): Step {
  let text = '';
  for (const [name, value] of rows) text += `STAT ${name} ${value}\r\n`;
  return answerText(context, `${text}END\r\n`);
}

export function answerText(context: CommandContext, text: string): Step {
  const { session } = context;
  session.listing = asciiBytes(text);
  session.sentBytes = 0;
  session.mode = Mode.listing;
  return CONTINUE;
}

export function continueListing(context: CommandContext, listing: Uint8Array): Step {
  const { reply, session } = context;
  const length = Math.min(reply.room, listing.length - session.sentBytes);
  reply.append(listing, session.sentBytes, length);
  session.sentBytes += length;
  if (session.sentBytes < listing.length) return Outcome.OUTPUT_FULL;
  session.listing = undefined;
  session.mode = Mode.command;
  return CONTINUE;
}
