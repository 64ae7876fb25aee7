// `stats` and its sub-commands. What memcached tells of slabs is told of one class that holds all items. Not for counting.

import { describeMetrics } from '../../base/metrics.js';
import { generalRows } from '../../operations/statistics/general-rows.js';
import { itemRows, sizeRows } from '../../operations/statistics/item-rows.js';
import { slabRows } from '../../operations/statistics/slab-rows.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { cacheDump } from './dump-commands.js';
import { answerRows } from './pending-reply.js';
import { Line } from './reply-encoder.js';
import { argumentWords } from './server-commands.js';
import type { CommandContext } from './text-context.js';

/** Levels, which a reset leaves alone. */
const LEVELS: ReadonlySet<string> = new Set(['curr_connections']);

export function stats(context: CommandContext): Step {
  const [topic, ...words] = argumentWords(context);
  switch (topic) {
    case undefined:
      return answerRows(context, generalRows(context));
    case 'settings':
      return answerRows(context, context.options.settings());
    case 'items':
      return answerRows(context, itemRows(context));
    case 'slabs':
      return answerRows(context, slabRows(context));
    case 'cachedump':
      return cacheDump(context, words);
    case 'extstore':
      return answerRows(context, []);
    case 'sizes':
      return answerRows(context, sizeRows(context));
    case 'sizes_enable':
    case 'sizes_disable':
      return answerRows(context, [['sizes_status', 'enabled']]);
    case 'conns':
      return answerRows(context, context.options.connections());
    case 'reset':
      return reset(context);
    case 'detail':
      return detail(context, words[0]);
    default:
      context.refuse(ErrorIds.unknownCommand);
      return CONTINUE;
  }
}

function reset(context: CommandContext): Step {
  for (const { id, name } of describeMetrics()) if (!LEVELS.has(name)) context.metrics.reset(id);
  context.reply.line(Line.reset);
  return CONTINUE;
}

/** memcached counts by key prefix when told to; here nothing is ever counted so. */
function detail(context: CommandContext, action: string | undefined): Step {
  if (action === 'off') context.answer(Line.ok);
  else if (action === 'dump') context.answer(Line.end);
  else context.refuse(action === 'on' ? ErrorIds.statsDetailUnavailable : ErrorIds.statsDetailUsage);
  return CONTINUE;
}
