// `watch`: from then on the connection gets a line for each event and sends no more requests. The events: operations/observer.ts.

import { EventKind, type EventReader } from '../../operations/event-log.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { argumentWords } from './argument-words.js';
import { Line } from './reply-encoder.js';
import { asciiBytes } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { Mode } from './text-session.js';

/** memcached's words; kinds of events that do not occur here are never written. */
const WORDS: Readonly<Record<string, number>> = { ...EventKind, rawcmds: 0, sysevents: 0 };

export function watch(context: TextContext): Step {
  const { operations, session, watchers } = context;
  if (!operations.options.watchEnabled) {
    context.replyError(ErrorIds.watchNotAllowed);
    return CONTINUE;
  }
  if (context.isPipelined) {
    context.replyError(ErrorIds.pipelinedWatch);
    return CONTINUE;
  }
  const words = argumentWords(context);
  if (!words.every((word) => WORDS[word] !== undefined)) {
    context.replyError(ErrorIds.unknownCommand);
    return CONTINUE;
  }
  const mask = words.reduce((bits, word) => bits | WORDS[word], 0);
  session.events = operations.observer.watch(words.length === 0 ? EventKind.fetchers : mask);
  session.mode = Mode.watch;
  session.isWatching = true;
  watchers.add(session);
  context.reply(Line.ok);
  context.request.end = context.inputEnd;
  return Outcome.WAIT;
}

/** Sends the next events; input of a watcher is discarded. */
export function continueWatch(context: TextContext): Step {
  const { operations, replies, request, session } = context;
  request.end = context.inputEnd;
  const text = asciiBytes(operations.observer.read(session.events as EventReader));
  replies.append(text, 0, text.length);
  return operations.observer.log.hasNews(session.events as EventReader) ? Outcome.YIELD : Outcome.NEED_INPUT;
}
