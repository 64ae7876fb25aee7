// Values that did not fit into one reply: the rest of an item or of a call's result, and the end of the reply.

import { CONTINUE, Outcome, type Step } from '../run.js';
import type { TextContext } from './text-context.js';
import { Mode, Tail, type TextSession } from './text-session.js';

/** The value output has begun with an item or a text; the session continues with it before anything else. */
export function sendLater(
  session: TextSession<TextContext>,
  mode: typeof Mode.item | typeof Mode.text,
  tail: Tail,
): void {
  session.modeAfterValue = session.mode;
  session.mode = mode;
  session.tail = tail;
}

/** Continues a value of which a part has been sent. */
export function continueSending({ encoder, session, values }: TextContext): Step {
  const isDone = session.mode === Mode.item ? values.continueItem(session) : values.continueText(session);
  if (!isDone) return Outcome.OUTPUT_FULL;
  session.mode = session.modeAfterValue;
  if (session.tail === Tail.lineEnd || session.tail === Tail.lineEndAndEnd) encoder.lineEnd();
  if (session.tail === Tail.end || session.tail === Tail.lineEndAndEnd) encoder.end();
  return CONTINUE;
}
