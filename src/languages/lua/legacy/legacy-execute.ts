// executeReadOnly, executeReadWrite and executeNew: how scripts in the original's style access objects. The original decoded and encoded a
// copy of the whole object; here the function works on the object in place. Plain items: legacy-items.ts.

import { activeCall } from '../host/active-call.js';
import { setValue } from '../host/lua-table-proxy.js';
import { fillTable, snapshotOf } from '../host/snapshot.js';
import { argumentCount, checkFunction, checkText, isTable, pushValue, typeName } from '../libraries/host-functions.js';
import { describe } from '../libraries/library-base.js';
import type { LuaState, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { meter } from '../vm/meter.js';
import { NIL } from '../vm/tags.js';
import { callWithoutYield, pushSlot } from '../vm/vm-calls.js';
import { overlayOf } from './overlay-table.js';

/** Steps of a reply, in addition to those of its bytes. */
const WRITE_STEPS = 30;
/** Bytes of a reply that take a step, as a power of 2, in addition to copying them. */
const REPLY_BYTES_BITS = 5;
/** Steps of opening or creating an object, in addition to those that the tables of the cache charge. */
const OPEN_STEPS = 160;
const CACHE_MISS = 'ERROR_CACHE_MISS';
/** command, original key, type, key, function: the arguments before the function's own. */
const FIXED_ARGUMENTS = 5;

function write(L: LuaState, virtualKey: string, value: string): void {
  meter.charge(WRITE_STEPS);
  // The name and the value are each copied twice on their way into the reply.
  meter.charge((virtualKey.length + value.length) >>> REPLY_BYTES_BITS);
  meter.chargeBytes(2 * (virtualKey.length + value.length));
  activeCall.contextOf(L).reply.value(virtualKey, 0, value);
}

/** Calls the script's function with what `pushFirst` pushes and the remaining arguments; its first result. */
function callFunction(L: LuaState, name: string, pushFirst: () => void): TValue {
  const count = argumentCount(L);
  const func = checkFunction(L, FIXED_ARGUMENTS, name);
  const off = L.top;
  pushValue(L, func);
  pushFirst();
  for (let n = FIXED_ARGUMENTS + 1; n <= count; n++) pushValue(L, L.stack[L.ci.funcOff + n]);
  callWithoutYield(L, off, 1);
  return L.stack[off];
}

function execute(name: 'executeReadOnly' | 'executeReadWrite'): Native {
  return (L) => {
    meter.charge(OPEN_STEPS);
    const virtualKey = checkText(L, 2, name);
    const access = name === 'executeReadOnly' ? 'read' : 'write';
    const object = activeCall.contextOf(L).openAny(checkText(L, 3, name), checkText(L, 4, name), access);
    if (object === undefined) {
      write(L, virtualKey, CACHE_MISS);
      return 0;
    }
    const table = access === 'read' ? overlayOf(object) : object;
    const result = callFunction(L, name, () => setValue(pushSlot(L), table));
    if (result.type !== NIL) write(L, virtualKey, describe(L, result));
    return 0;
  };
}

const executeNew: Native = (L) => {
  meter.charge(OPEN_STEPS);
  const virtualKey = checkText(L, 2, 'executeNew');
  const made = callFunction(L, 'executeNew', () => {});
  if (made.type === NIL) {
    write(L, virtualKey, 'NOT_CREATED');
    return 0;
  }
  if (!isTable(made)) raise(L, `executeNew's function returned a ${typeName(made)}, not a table`);
  const snapshot = snapshotOf(L, made);
  fillTable(activeCall.contextOf(L).createAny(checkText(L, 3, 'executeNew'), checkText(L, 4, 'executeNew')), snapshot);
  write(L, virtualKey, 'CREATED');
  return 0;
};

const writeStringAsValue: Native = (L) => {
  write(L, checkText(L, 2, 'writeStringAsValue'), checkText(L, 3, 'writeStringAsValue'));
  return 0;
};

export const EXECUTE_FUNCTIONS: Readonly<Record<string, Native>> = {
  executeReadOnly: execute('executeReadOnly'),
  executeReadWrite: execute('executeReadWrite'),
  executeNew,
  writeStringAsValue,
};
