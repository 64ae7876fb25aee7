// Sends a text that lies outside the arena, the result of a call, piece by piece as the output takes it. Not for items, which are
// sent from the arena (retrieval.ts).

import { writeValue } from '../objects/calls/call-result.js';
import { CONTINUE, Outcome, type Step } from './run.js';
import type { CommandContext } from './text/text-context.js';
import { Mode } from './text/text-session.js';

/** After a value come CR LF and, at the end of the list, END: always left free. */
export const VALUE_TAIL_BYTES = 16;

/** Sends what fits now; the session goes on with the rest. False, as this is no whole reply. */
export function startText(context: CommandContext, text: string | Uint8Array, isValue: boolean): false {
  const { session } = context;
  session.text = text;
  session.textIsValue = isValue;
  session.sentBytes = 0;
  session.modeAfterItem = session.mode;
  session.mode = Mode.text;
  sendRest(context, text);
  return false;
}

/** Goes on with a text of which a part has been sent. */
export function continueText(context: CommandContext, text: string | Uint8Array): Step {
  const { reply, session } = context;
  sendRest(context, text);
  if (session.sentBytes < text.length) return Outcome.OUTPUT_FULL;
  session.text = undefined;
  session.mode = session.modeAfterItem;
  if (session.textIsValue) reply.lineEnd();
  // A single key's line has been used already.
  if (session.mode === Mode.command) context.answerEnd();
  return CONTINUE;
}

function sendRest({ bytes, reply, session }: CommandContext, text: string | Uint8Array): void {
  const length = Math.min(reply.room - VALUE_TAIL_BYTES, text.length - session.sentBytes);
  writeValue(text, session.sentBytes, length, bytes, reply.at);
  reply.at += length;
  session.sentBytes += length;
}
