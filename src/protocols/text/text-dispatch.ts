// Maps commands of the table to handlers, which each file exports by name.

import { COMMAND_NAMES, type CommandName } from '../../operations/command-table.js';
import { META_HANDLERS } from '../meta/meta-handlers.js';
import type { Step } from '../run.js';
import { ITEM_HANDLERS } from './item-commands.js';
import { PORTABLE_HANDLERS } from './portable-commands.js';
import { RETRIEVAL_HANDLERS } from './retrieval.js';
import { SERVER_HANDLERS } from './server-commands.js';
import { STORAGE_HANDLERS } from './storage.js';
import type { TextContext } from './text-context.js';

type Handler = (context: TextContext) => Step;

const HANDLERS: Readonly<Record<CommandName, Handler>> = {
  ...RETRIEVAL_HANDLERS,
  ...STORAGE_HANDLERS,
  ...ITEM_HANDLERS,
  ...META_HANDLERS,
  ...SERVER_HANDLERS,
  ...PORTABLE_HANDLERS,
};

/** By command number. */
export const DISPATCH: readonly Handler[] = COMMAND_NAMES.map((name) => HANDLERS[name]);
