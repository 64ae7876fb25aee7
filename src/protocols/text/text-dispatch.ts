// The dispatch table: which function serves which command. Not for the commands themselves.

import { assert } from '../../base/assert.js';
import { ErrorIds } from '../error-lines.js';
import type { Step } from '../run.js';
import { countItem, deleteItem, touchItem } from './item-commands.js';
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
import { stats } from './stats-command.js';
import { receiveValue } from './storage.js';
import type { CommandContext } from './text-context.js';
import { COMMAND_COUNT, Command } from './text-request.js';

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
