// Commands about the whole server: flush_all, version, verbosity, quit, shutdown, debugtime, refresh_certs. Statistics: stats-command.ts.
// Tuning: tuning-commands.ts.

import { FlushResult } from '../../operations/outcomes.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { argumentWords } from './argument-words.js';
import { Line } from './reply-encoder.js';
import { stats } from './stats-command.js';
import { asciiBytes } from './text-bytes.js';
import type { TextContext } from './text-context.js';
import { TUNING_HANDLERS } from './tuning-commands.js';
import { watch } from './watch-command.js';

/** memcached's limit. */
const SMALLEST_LIMIT_MEGABYTES = 8;
const LARGEST_LIMIT_MEGABYTES = 1_000_000_000;

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

function quit({ session }: TextContext): Step {
  session.hasQuit = true;
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

/** The new limit holds from the reply on; the memory beyond a lower one is given back in the seconds after it. */
function cacheMemlimit(context: TextContext): Step {
  const { operations, request } = context;
  const [megabytes = '', last] = argumentWords(context);
  request.noreply = last === 'noreply';
  if (!/^\d{1,10}$/.test(megabytes)) context.replyError(ErrorIds.unknownCommand);
  else if (Number(megabytes) < SMALLEST_LIMIT_MEGABYTES) context.replyError(ErrorIds.limitTooSmall);
  else if (Number(megabytes) > LARGEST_LIMIT_MEGABYTES) context.replyError(ErrorIds.limitNotInMegabytes);
  else if (operations.setMemoryLimit(Number(megabytes) * 1024 ** 2)) context.reply(Line.ok);
  else context.replyError(ErrorIds.limitNotAdjusted);
  return CONTINUE;
}

export const SERVER_HANDLERS = {
  flushAll,
  version,
  verbosity,
  stats,
  quit,
  shutdown,
  debugtime,
  refreshCerts,
  ...TUNING_HANDLERS,
  cacheMemlimit,
  watch,
} as const;
