// Requests about the whole server: noop, version, quit, flush and stat. The rows of statistics: operations/statistics.

import type { StatRows } from '../../operations/operation-options.js';
import { FlushResult } from '../../operations/outcomes.js';
import { Right } from '../../operations/rights.js';
import { resetStatistics, statisticsOf } from '../../operations/statistics/statistics.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { BinaryErrors, Status } from './binary-errors.js';
import { HEADER_BYTES, REPLY_MAGIC } from './binary-parser.js';
import { BinaryMode } from './binary-session.js';
import { IS_QUIET } from './opcodes.js';

export function noop({ encoder }: BinaryContext): Step {
  encoder.done(0, 0);
  return CONTINUE;
}

export function version({ encoder, operations }: BinaryContext): Step {
  encoder.text(Status.ok, Buffer.from(operations.options.version, 'latin1'));
  return CONTINUE;
}

export function quit({ encoder, request, session }: BinaryContext): Step {
  if (!IS_QUIET[request.opcode]) encoder.done(0, 0);
  session.hasQuit = true;
  return Outcome.CLOSE;
}

/** Extras: the delay in seconds, if any. */
export function flush(context: BinaryContext): Step {
  const { encoder, operations, request } = context;
  const result = operations.flush(request.extrasLength === 0 ? 0 : context.exptimeAt(request.extrasAt));
  if (result === FlushResult.notAllowed) encoder.error(BinaryErrors.notPermitted);
  else if (!IS_QUIET[request.opcode]) encoder.done(0, 0);
  return CONTINUE;
}

/** Each row is a separate reply with the name as key; a reply without a key ends them. The request's key is the topic. */
export function stat(context: BinaryContext): Step {
  const { bytes, encoder, operations, request } = context;
  const topic = String.fromCharCode(...bytes.subarray(request.keyAt, request.keyAt + request.keyLength));
  if (topic === 'reset') return administer(context, () => resetStatistics(operations));
  if (topic.startsWith(DETAIL)) return detail(context, topic.slice(DETAIL.length));
  const rows = statisticsOf(operations, topic);
  if (rows !== undefined) return sendRows(context, rows);
  encoder.error(BinaryErrors.notFound);
  return CONTINUE;
}

const DETAIL = 'detail ';

/** Counts by key prefix. As in memcached all of them are the value of one row. */
function detail(context: BinaryContext, action: string): Step {
  const { encoder, operations } = context;
  const { observer, options } = operations;
  if (!options.dumpEnabled) {
    encoder.error(BinaryErrors.notPermitted);
    return CONTINUE;
  }
  if (action === 'dump') return sendRows(context, [['detailed', observer.prefixes.dump()]], 'latin1');
  if (action === 'on' || action === 'off') return administer(context, () => observer.countPrefixes(action === 'on'));
  encoder.error(BinaryErrors.notFound);
  return CONTINUE;
}

function administer(context: BinaryContext, act: () => void): Step {
  if ((context.session.principal.rights & Right.admin) === 0) {
    context.encoder.error(BinaryErrors.notPermitted);
    return CONTINUE;
  }
  act();
  return sendRows(context, []);
}

/** Settings may hold any text, such as the names of directories; keys are bytes. */
function sendRows(
  { request, session, values }: BinaryContext,
  rows: StatRows,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Step {
  const texts = [...rows, ['', ''] as const].map(
    ([name, value]) => [name, Buffer.from(`${name}${value}`, encoding)] as const,
  );
  const frames = texts.map(([name, text]) => rowFrame(request, name.length, text));
  if (values.text(session, Buffer.concat(frames))) return CONTINUE;
  session.mode = BinaryMode.text;
  return Outcome.OUTPUT_FULL;
}

function rowFrame({ opaque, opcode }: BinaryContext['request'], nameBytes: number, text: Buffer): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + text.length);
  frame.writeUInt8(REPLY_MAGIC, 0);
  frame.writeUInt8(opcode, 1);
  frame.writeUInt16BE(nameBytes, 2);
  frame.writeUInt32BE(text.length, 8);
  frame.writeInt32LE(opaque, 12);
  text.copy(frame, HEADER_BYTES);
  return frame;
}
