// Maps opcodes to handlers, quiet forms included.

import type { Step } from '../run.js';
import type { BinaryContext } from './binary-context.js';
import { changeNumber, deleteItem, touchItem } from './binary-item-requests.js';
import { retrieve } from './binary-retrieval.js';
import { flush, noop, quit, stat, version } from './binary-server-requests.js';
import { receiveValue } from './binary-storage.js';
import { OPCODE_COUNT, OPCODE_ROWS } from './opcodes.js';
import { authenticate, listMechanisms, refuseStep } from './sasl-requests.js';

export type BinaryHandler = (context: BinaryContext) => Step;

/** By the names of the rows. */
const HANDLERS: Readonly<Record<string, BinaryHandler>> = {
  get: retrieve,
  getk: retrieve,
  gat: retrieve,
  gatk: retrieve,
  set: receiveValue,
  add: receiveValue,
  replace: receiveValue,
  append: receiveValue,
  prepend: receiveValue,
  increment: changeNumber,
  decrement: changeNumber,
  delete: deleteItem,
  touch: touchItem,
  flush,
  stat,
  quit,
  noop,
  version,
  'sasl list': listMechanisms,
  'sasl auth': authenticate,
  'sasl step': refuseStep,
};

/** By opcode; undefined only for those that the parser does not let through. */
export const BINARY_DISPATCH: readonly (BinaryHandler | undefined)[] = Array.from(
  { length: OPCODE_COUNT },
  (_, opcode) => {
    const row = OPCODE_ROWS.find((candidate) => candidate.opcode === opcode || candidate.quiet === opcode);
    return row === undefined ? undefined : HANDLERS[row.name];
  },
);
