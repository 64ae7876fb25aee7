// Commands on the server as a whole: flush_all, version, verbosity, quit, shutdown, debugtime, refresh_certs, and those of memcached that tune what does
// not exist here. Not for statistics.

import { FlushResult } from '../../operations/outcomes.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { argumentWords } from './argument-words.js';
import { metaDump } from './dump-commands.js';
import { Line } from './reply-encoder.js';
import { stats } from './stats-command.js';
import { asciiBytes } from './text-bytes.js';
import type { TextContext } from './text-context.js';

function flushAll(context: TextContext): Step {
  const result = context.operations.flush(context.request.exptime);
  if (result === FlushResult.done) context.reply(Line.ok);
  else context.replyError(ErrorIds.flushNotAllowed);
  return CONTINUE;
}

function version({ operations, replies }: TextContext): Step {
  replies.put(asciiBytes(`VERSION ${operations.options.version}\r\n`));
  return CONTINUE;
}

function verbosity(context: TextContext): Step {
  context.operations.options.setVerbosity(context.request.level);
  context.reply(Line.ok);
  return CONTINUE;
}

function quit(): Step {
  return Outcome.CLOSE;
}

function shutdown(context: TextContext): Step {
  if (!context.operations.options.shutdownEnabled) {
    context.replyError(ErrorIds.shutdownNotEnabled);
    return CONTINUE;
  }
  const mode = argumentWords(context).join(' ');
  if (mode === '') return Outcome.SHUTDOWN;
  if (mode === 'graceful') return Outcome.SHUTDOWN_GRACEFUL;
  context.replyError(ErrorIds.invalidShutdownMode);
  return CONTINUE;
}

function debugtime(context: TextContext): Step {
  const { operations, request } = context;
  if (operations.options.debugCommands) {
    operations.advanceClock(request.exptime);
    context.reply(Line.ok);
  } else context.replyError(ErrorIds.unknownCommand);
  return CONTINUE;
}

function refreshCerts(context: TextContext): Step {
  const { refreshCertificates } = context.operations.options;
  if (refreshCertificates === undefined) {
    context.replyError(ErrorIds.unknownCommand);
    return CONTINUE;
  }
  const failure = refreshCertificates();
  if (failure === undefined) context.reply(Line.ok);
  else context.reply(Buffer.from(`SERVER_ERROR ${failure.replace(/\p{Cc}/gu, '?')}\r\n`));
  return CONTINUE;
}

/** Lists items, and accepts the tuning of a crawler that is not needed: expired items are reclaimed by themselves. */
function lruCrawler(context: TextContext): Step {
  const [action, ...values] = argumentWords(context);
  if (action === 'enable' || action === 'disable') context.reply(Line.ok);
  else if (values.length === 0) context.replyError(ErrorIds.unknownCommand);
  else if (action === 'sleep' || action === 'tocrawl' || action === 'crawl') context.reply(Line.ok);
  else if (action === 'metadump') return metaDump(context, values[0]);
  else context.replyError(ErrorIds.unknownCommand);
  return CONTINUE;
}

/** Refuses a command without meaning here, and what memcached would not understand either by plain ERROR. */
function refuseWithout(error: ErrorId, fewestWords: number): (context: TextContext) => Step {
  return (context) => {
    context.replyError(argumentWords(context).length < fewestWords ? ErrorIds.unknownCommand : error);
    return CONTINUE;
  };
}

export const SERVER_HANDLERS = {
  flushAll,
  version,
  verbosity,
  stats,
  quit,
  shutdown,
  debugtime,
  lruCrawler,
  refreshCerts,
  lru: refuseWithout(ErrorIds.oneLru, 2),
  slabs: refuseWithout(ErrorIds.noSlabs, 2),
  cacheMemlimit: refuseWithout(ErrorIds.memoryLimitFixed, 1),
  watch: refuseWithout(ErrorIds.watchUnavailable, 0),
} as const;
