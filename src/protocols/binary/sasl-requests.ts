// sasl list, auth and step: how a client says who it is. Without an authenticator they are unknown, as in a memcached without -S. Not for
// checking names and passwords.

import { OPERATION_METRICS } from '../../operations/operation-metrics.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { BinaryErrors, Status } from './binary-errors.js';

/** Names and passwords are short: nobody who is not known yet can have more than this kept. */
const MAX_MESSAGE_BYTES = 2048;

const AUTHENTICATED = new TextEncoder().encode('Authenticated');

export function listMechanisms({ authenticator, encoder }: BinaryContext): Step {
  if (authenticator === undefined) encoder.error(BinaryErrors.unknownCommand);
  else encoder.text(Status.ok, new TextEncoder().encode(authenticator.mechanisms));
  return CONTINUE;
}

export function authenticate(context: BinaryContext): Step {
  const { authenticator, bytes, encoder, inputEnd, operations, request, session } = context;
  const { keyAt, keyLength, valueAt, valueLength } = request;
  if (authenticator === undefined) return refuseUnknown(context);
  if (valueLength > MAX_MESSAGE_BYTES) {
    encoder.error(BinaryErrors.invalid);
    return Outcome.CLOSE;
  }
  const end = valueAt + valueLength;
  if (end > inputEnd) return Outcome.NEED_INPUT;
  request.end = end;
  const mechanism = String.fromCharCode(...bytes.subarray(keyAt, keyAt + keyLength));
  const principal = authenticator.authenticate(mechanism, bytes.slice(valueAt, end));
  operations.metrics.add(OPERATION_METRICS.auth_cmds, 1);
  if (principal === undefined) {
    operations.metrics.add(OPERATION_METRICS.auth_errors, 1);
    encoder.error(BinaryErrors.notPermitted);
    return CONTINUE;
  }
  session.principal = principal;
  encoder.text(Status.ok, AUTHENTICATED);
  return CONTINUE;
}

/** No mechanism that is offered has a second step. */
export function refuseStep(context: BinaryContext): Step {
  const { authenticator, encoder, operations, request } = context;
  if (authenticator === undefined) return refuseUnknown(context);
  operations.metrics.add(OPERATION_METRICS.auth_cmds, 1);
  operations.metrics.add(OPERATION_METRICS.auth_errors, 1);
  encoder.error(BinaryErrors.notPermitted);
  context.discard(request.valueLength);
  return CONTINUE;
}

function refuseUnknown(context: BinaryContext): Step {
  context.encoder.error(BinaryErrors.unknownCommand);
  context.discard(context.request.valueLength);
  return CONTINUE;
}
