// `stats` and its sub-commands. The rows: operations/statistics.

import { Right } from '../../operations/rights.js';
import { resetStatistics, statisticsOf } from '../../operations/statistics/statistics.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { argumentWords } from './argument-words.js';
import { cacheDump } from './dump-commands.js';
import { replyRows, replyText } from './pending-reply.js';
import { Line } from './reply-encoder.js';
import type { TextContext } from './text-context.js';

export function stats(context: TextContext): Step {
  const [topic = '', ...words] = argumentWords(context);
  if (topic === 'cachedump') return cacheDump(context, words);
  if (topic === 'reset') return mayAdminister(context) ? reset(context) : refuse(context, ErrorIds.notPermitted);
  if (topic === 'detail') return detail(context, words[0]);
  const rows = statisticsOf(context.operations, topic);
  if (rows !== undefined) return replyRows(context, rows);
  return refuse(context, ErrorIds.unknownCommand);
}

function mayAdminister({ session }: TextContext): boolean {
  return (session.principal.rights & Right.admin) !== 0;
}

function refuse(context: TextContext, error: ErrorId): Step {
  context.replyError(error);
  return CONTINUE;
}

function reset(context: TextContext): Step {
  resetStatistics(context.operations);
  context.replies.put(Line.reset);
  return CONTINUE;
}

/** Counts by key prefix. */
function detail(context: TextContext, action: string | undefined): Step {
  const { observer, options } = context.operations;
  if (!options.dumpEnabled) return refuse(context, ErrorIds.statsDetailNotAllowed);
  if (action === 'dump') return replyText(context, observer.prefixes.dump());
  if (action !== 'on' && action !== 'off') return refuse(context, ErrorIds.statsDetailUsage);
  if (!mayAdminister(context)) return refuse(context, ErrorIds.notPermitted);
  observer.countPrefixes(action === 'on');
  context.reply(Line.ok);
  return CONTINUE;
}
