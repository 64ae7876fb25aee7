// Authentication in the text protocol, as memcached's -Y has it: the first command is a `set` of any key, whose value is the name, a blank
// and the password. Everything else is refused until then.

import { latin1 } from '../../base/latin1.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { type Authenticator, type Login, Verdict } from '../../security/authenticator.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { MAX_AHEAD_BYTES } from '../session.js';
import { Line } from './reply-encoder.js';
import { CARRIAGE_RETURN, LINE_FEED } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { Mode } from './text-session.js';

/** The most bytes of a line, and of a value, that are kept for a client that has not logged in. */
const MAX_LINE_BYTES = 2048;
const MAX_TOKEN_BYTES = 1024;

/** memcached closes a connection whose line is too short for any `set`. */
const SHORTEST_LINE_BYTES = 4;

const LINE_END_BYTES = 2;
const LENGTH_WORD = 4;
const LENGTH = /^\d{1,10}$/;

/** Reads the next line of a client that has not logged in, from `request.end` on. */
export function continueLogin(context: TextContext): Step {
  const { authenticator, bytes, inputEnd, request, session } = context;
  if (session.login !== undefined) return reply(context, session.login);
  const from = request.end;
  if (from === inputEnd) return Outcome.NEED_INPUT;
  const feed = bytes.subarray(from, Math.min(inputEnd, from + MAX_LINE_BYTES)).indexOf(LINE_FEED);
  if (feed < 0) return inputEnd - from < MAX_LINE_BYTES ? Outcome.NEED_INPUT : close(context);
  const valueAt = from + feed + 1;
  const line = latin1(bytes, from, feed).replace(/\r$/, '');
  if (line.length < SHORTEST_LINE_BYTES) return close(context);
  const words = line.split(' ').filter((word) => word !== '');
  const length = words[LENGTH_WORD] ?? '';
  if (words[0] !== 'set' || !LENGTH.test(length)) {
    request.end = valueAt;
    return refuse(context, ErrorIds.unauthenticated);
  }
  const end = valueAt + Number(length) + LINE_END_BYTES;
  if (end - valueAt > MAX_TOKEN_BYTES) {
    refuse(context, ErrorIds.badLoginToken);
    return close(context);
  }
  if (end > inputEnd) return Outcome.NEED_INPUT;
  request.end = end;
  const isWhole = bytes[end - 2] === CARRIAGE_RETURN && bytes[end - 1] === LINE_FEED;
  if (!isWhole) return refuse(context, ErrorIds.badLoginEnd);
  const token = latin1(bytes, valueAt, end - valueAt - LINE_END_BYTES);
  const credentials = /^ *([^ ]+) +(.+)$/s.exec(token);
  if (credentials === null) return refuse(context, ErrorIds.badLoginToken);
  const [, name, password] = credentials as unknown as [string, string, string];
  session.login = (authenticator as Authenticator).begin(name, password, () => session.resume?.());
  return reply(context, session.login);
}

function reply(context: TextContext, login: Login): Step {
  const { inputEnd, operations, replies, request, session } = context;
  if (login.verdict === Verdict.pending) {
    return inputEnd - request.end > MAX_AHEAD_BYTES ? close(context) : Outcome.WAIT;
  }
  session.login = undefined;
  operations.metrics.add(OPERATION_METRICS.auth_cmds, 1);
  if (login.verdict === Verdict.refused) {
    operations.metrics.add(OPERATION_METRICS.auth_errors, 1);
    return refuse(context, ErrorIds.authenticationFailure);
  }
  session.principal = login.principal;
  session.mode = Mode.command;
  replies.put(Line.stored);
  return CONTINUE;
}

function refuse({ encoder }: TextContext, error: ErrorId): Step {
  encoder.error(error);
  return CONTINUE;
}

function close({ inputEnd, request }: TextContext): Step {
  request.end = inputEnd;
  return Outcome.CLOSE;
}
