// The dispatch table: which function serves which command. Not for the commands themselves.

import { assert } from '../base/assert.js';
import { ErrorIds } from '../protocols/error-lines.js';
import { COMMAND_COUNT, Command } from '../protocols/text/text-request.js';
import type { CommandContext } from './context.js';
import { countItem, deleteItem, touchItem } from './items.js';
import type { Step } from './outcome.js';
import { retrieve } from './retrieval.js';
import {
  debugTime,
  flushAll,
  quit,
  refuseWithout,
  setVerbosity,
  shutdown,
  tellVersion,
  tuneCrawler,
} from './server-commands.js';
import { stats } from './stats.js';
import { receiveValue } from './storage.js';

export type Handler = (context: CommandContext) => Step;

const HANDLERS: Readonly<Record<keyof typeof Command, Handler>> = {
  get: retrieve,
  gets: retrieve,
  gat: retrieve,
  gats: retrieve,
  set: receiveValue,
  add: receiveValue,
  replace: receiveValue,
  append: receiveValue,
  prepend: receiveValue,
  cas: receiveValue,
  incr: countItem,
  decr: countItem,
  touch: touchItem,
  delete: deleteItem,
  flushAll,
  version: tellVersion,
  verbosity: setVerbosity,
  stats,
  quit,
  shutdown,
  debugtime: debugTime,
  lruCrawler: tuneCrawler,
  lru: refuseWithout(ErrorIds.oneLru, 2),
  slabs: refuseWithout(ErrorIds.noSlabs, 2),
  cacheMemlimit: refuseWithout(ErrorIds.memoryLimitFixed, 1),
  watch: refuseWithout(ErrorIds.watchUnavailable, 0),
};

/** By command number. */
export const DISPATCH: readonly Handler[] = (() => {
  const table = new Array<Handler>(COMMAND_COUNT);
  for (const [name, number] of Object.entries(Command)) table[number] = HANDLERS[name as keyof typeof Command];
  assert(
    table.every((handler) => typeof handler === 'function'),
    'a handler for each command',
  );
  return table;
})();
