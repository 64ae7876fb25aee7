// sasl list, auth and step: login by the mechanism PLAIN. Without an authenticator these requests are unknown, as in a memcached without
// -S.

import { latin1 } from '../../base/latin1.js';
import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { type Login, Verdict } from '../../security/authenticator.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { MAX_AHEAD_BYTES } from '../session.js';
import type { BinaryContext } from './binary-context.js';
import { BinaryErrors, Status } from './binary-errors.js';
import { BinaryMode } from './binary-session.js';

/** Names and passwords are short: a client that has not logged in cannot make the server keep more than this. */
const MAX_MESSAGE_BYTES = 2048;

const MECHANISM = 'PLAIN';
/** As in memcached: a longer name is a malformed request and no attempt to log in. */
const MAX_MECHANISM_BYTES = 32;
/** The user to act for, which may be empty, the client's name and its password, separated by zero bytes. */
const MESSAGE = /^([^\0]*)\0([^\0]+)\0([^\0]+)$/;

const MECHANISMS = new TextEncoder().encode(MECHANISM);
const AUTHENTICATED = new TextEncoder().encode('Authenticated');

export function listMechanisms({ authenticator, encoder }: BinaryContext): Step {
  if (authenticator === undefined) encoder.error(BinaryErrors.unknownCommand);
  else encoder.text(Status.ok, MECHANISMS);
  return CONTINUE;
}

export function authenticate(context: BinaryContext): Step {
  const { authenticator, bytes, encoder, inputEnd, request, session } = context;
  const { keyAt, keyLength, opaque, opcode, valueAt, valueLength } = request;
  if (authenticator === undefined) return refuseUnknown(context);
  if (valueLength > MAX_MESSAGE_BYTES) {
    encoder.error(BinaryErrors.invalid);
    return Outcome.CLOSE;
  }
  if (keyLength > MAX_MECHANISM_BYTES) {
    encoder.error(BinaryErrors.invalid);
    context.discard(valueLength);
    return CONTINUE;
  }
  const end = valueAt + valueLength;
  if (end > inputEnd) return Outcome.NEED_INPUT;
  request.end = end;
  const message = MESSAGE.exec(latin1(bytes, valueAt, valueLength));
  if (message === null || latin1(bytes, keyAt, keyLength) !== MECHANISM) return refuse(context);
  const [, actsFor, name, password] = message as unknown as [string, string, string, string];
  // No client may act for another user.
  if (actsFor !== '' && actsFor !== name) return refuse(context);
  session.login = authenticator.begin(name, password, () => session.resume?.());
  session.opcode = opcode;
  session.opaque = opaque;
  return replyToLogin(context, session.login);
}

/** Replies to a login when its verdict has come. */
export function continueLogin(context: BinaryContext): Step {
  const { request, session } = context;
  request.opcode = session.opcode;
  request.opaque = session.opaque;
  return replyToLogin(context, session.login as Login);
}

function replyToLogin(context: BinaryContext, login: Login): Step {
  const { encoder, inputEnd, operations, request, session } = context;
  if (login.verdict === Verdict.pending) {
    session.mode = BinaryMode.login;
    return inputEnd - request.end > MAX_AHEAD_BYTES ? Outcome.CLOSE : Outcome.WAIT;
  }
  session.login = undefined;
  session.mode = BinaryMode.request;
  // A failed login also revokes the rights of an earlier one.
  session.principal = login.principal;
  if (login.verdict === Verdict.refused) return refuse(context);
  operations.metrics.add(OPERATION_METRICS.auth_cmds, 1);
  encoder.text(Status.ok, AUTHENTICATED);
  return CONTINUE;
}

/** None of the offered mechanisms has a second step. */
export function refuseStep(context: BinaryContext): Step {
  if (context.authenticator === undefined) return refuseUnknown(context);
  context.discard(context.request.valueLength);
  return refuse(context);
}

function refuse({ encoder, operations }: BinaryContext): Step {
  operations.metrics.add(OPERATION_METRICS.auth_cmds, 1);
  operations.metrics.add(OPERATION_METRICS.auth_errors, 1);
  encoder.error(BinaryErrors.notPermitted);
  return CONTINUE;
}

function refuseUnknown(context: BinaryContext): Step {
  context.encoder.error(BinaryErrors.unknownCommand);
  context.discard(context.request.valueLength);
  return CONTINUE;
}
