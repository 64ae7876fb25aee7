// Commands on the server as a whole: flush_all, version, verbosity, quit, shutdown, debugtime, and those of memcached
// that tune what does not exist here. Not for statistics.

import { COMMAND_METRICS } from '../../operations/operation-metrics.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, Outcome, type Step } from '../run.js';
import { metaDump } from './dump-commands.js';
import { Line } from './reply-encoder.js';
import { asciiBytes } from './text-bytes.js';
import type { CommandContext } from './text-context.js';

export function flushAll(context: CommandContext): Step {
  const { clock, metrics, options, request, store } = context;
  if (!options.flushEnabled) {
    context.refuse(ErrorIds.flushNotAllowed);
    return CONTINUE;
  }
  metrics.add(COMMAND_METRICS.cmd_flush, 1);
  const at = clock.fromClient(request.exptime);
  if (at <= clock.now) store.flushAll();
  else store.scheduleFlush(at);
  context.answer(Line.ok);
  return CONTINUE;
}

export function tellVersion(context: CommandContext): Step {
  context.reply.line(asciiBytes(`VERSION ${context.options.version}\r\n`));
  return CONTINUE;
}

export function setVerbosity(context: CommandContext): Step {
  // The level stands where a storage command's length would.
  context.options.setVerbosity(context.request.valueLength);
  context.answer(Line.ok);
  return CONTINUE;
}

export function quit(): Step {
  return Outcome.CLOSE;
}

export function shutdown(context: CommandContext): Step {
  const { options } = context;
  if (!options.shutdownEnabled) {
    context.refuse(ErrorIds.shutdownNotEnabled);
    return CONTINUE;
  }
  const mode = argumentWords(context).join(' ');
  if (mode === '') return Outcome.SHUTDOWN;
  if (mode === 'graceful') return Outcome.SHUTDOWN_GRACEFUL;
  context.refuse(ErrorIds.invalidShutdownMode);
  return CONTINUE;
}

/** Moves the server's clock, so that expiry can be tested without waiting. */
export function debugTime(context: CommandContext): Step {
  const { clock, options, request } = context;
  if (!options.debugCommands) {
    context.refuse(ErrorIds.unknownCommand);
    return CONTINUE;
  }
  clock.advance(request.exptime);
  context.store.tick();
  context.answer(Line.ok);
  return CONTINUE;
}

/** Lists items, and accepts the tuning of a crawler that is not needed: expired items are reclaimed by themselves. */
export function tuneCrawler(context: CommandContext): Step {
  const [action, ...values] = argumentWords(context);
  if (action === 'enable' || action === 'disable') context.answer(Line.ok);
  else if (values.length === 0) context.refuse(ErrorIds.unknownCommand);
  else if (action === 'sleep' || action === 'tocrawl' || action === 'crawl') context.answer(Line.ok);
  else if (action === 'metadump') return metaDump(context, values[0] as string);
  else context.refuse(ErrorIds.unknownCommand);
  return CONTINUE;
}

/** Refuses what has no meaning here, but plain ERROR for what memcached would not understand either. */
export function refuseWithout(error: ErrorId, fewestWords: number): (context: CommandContext) => Step {
  return (context) => {
    context.refuse(argumentWords(context).length < fewestWords ? ErrorIds.unknownCommand : error);
    return CONTINUE;
  };
}

/** The words after the command as text; for commands that are rare. */
export function argumentWords(context: CommandContext): string[] {
  const { bytes, request } = context;
  let text = '';
  for (let at = request.argumentsAt; at < request.argumentsEnd; at++) text += String.fromCharCode(bytes[at] as number);
  return text.split(' ').filter((word) => word !== '');
}
