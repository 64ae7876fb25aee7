// `call` as scripts see it: the time, the object's key, its expiry, numbers. Functions take a dot or a colon: call.log(...) and call:log(...).
// Those for other objects and values: lua-composition.ts. The object itself: lua-table-proxy.ts.

import type { InvocationContext } from '../../../objects/types/loaded-type.js';
import {
  argument,
  argumentCount,
  checkNumber,
  checkText,
  optionalText,
  pushNil,
  pushNumber,
} from '../libraries/host-functions.js';
import { describe } from '../libraries/library-base.js';
import { objectArgument } from '../libraries/library-object.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { type LuaString, luaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { STRING } from '../vm/tags.js';
import { Userdata } from '../vm/userdata.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { COMPOSITION, type Composing } from './lua-composition.js';
import { setValue } from './lua-table-proxy.js';
import { configOf } from './script-config.js';

type Reader = (context: InvocationContext, result: TValue, L: LuaState) => void;

const FIELDS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['now', (context, result) => result.setfltvalue(context.now)],
  ['key', (context, result) => result.setsvalue(luaString(context.key))],
  ['type', (context, result) => result.setsvalue(luaString(context.type))],
  ['config', (_context, result, L) => result.sethvalue(configOf(L))],
  ['unixMs', (context, result) => result.setfltvalue(context.unixMs)],
  ['monotonicMs', (context, result) => result.setfltvalue(context.monotonicMs)],
  ['isNew', (context, result) => result.setbvalue(context.isNew)],
  ['existed', (context, result) => result.setbvalue(context.existed)],
  ['ttlSeconds', (context, result) => setValue(result, context.ttlSeconds)],
  ['resultLimitBytes', (context, result) => setValue(result, context.resultLimitBytes)],
  ['ttl', (context, result) => setValue(result, context.ttlSeconds)],
]);

/** Where the arguments start: after `call` itself when it was called with a colon. */
function shift(L: LuaState): number {
  return argument(L, 1).value instanceof CallHandle ? 1 : 0;
}

/** Longer lines are truncated. A choice: a call may log ten lines, so 40 KB at most. */
const LONGEST_LINE = 4096;

/** The arguments with a blank between each two. */
const words: Native = (L) => {
  const values: string[] = [];
  for (let n = 1 + shift(L); n <= argumentCount(L); n++) values.push(checkText(L, n, 'words'));
  pushSlot(L).setsvalue(luaString(activeCall.contextOf(L).words(...values)));
  return 1;
};

/** One line to the server's log, of all arguments. */
export const log: Native = (L) => {
  let line = '';
  const first = 1 + shift(L);
  for (let n = first; n <= argumentCount(L); n++) {
    const text = describe(L, argument(L, n)).slice(0, LONGEST_LINE);
    meter.charge(1 + (text.length >>> 2));
    if (line.length < LONGEST_LINE) line += n === first ? text : ` ${text}`;
  }
  activeCall.context?.log(line.slice(0, LONGEST_LINE));
  return 0;
};

const sequence: Native = (L) => pushNumber(L, activeCall.contextOf(L).sequence());
sequence.ofValue = () => activeCall.context?.sequence();

/** Returns nil rather than nothing, as the quick form has to. */
const expire: Native = (L) => {
  activeCall.contextOf(L).expire(checkNumber(L, 1 + shift(L), 'expire'));
  return pushNil(L);
};
expire.ofValue = (seconds) => {
  const { context } = activeCall;
  if (typeof seconds !== 'number' || context === undefined) return undefined;
  context.expire(seconds);
  return null;
};

/** May run other methods, or `migrate` of an older object. */
function composing(L: LuaState, run: Composing): number {
  activeCall.nativeCalls = L.nCcalls;
  return run(L, 1 + shift(L));
}

const FUNCTIONS: ReadonlyMap<string, Native> = new Map<string, Native>([
  ...Object.entries(COMPOSITION).map(([name, run]): [string, Native] => [name, (L) => composing(L, run)]),
  ['log', log],
  ['words', words],
  ['sequence', sequence],
  [
    'random',
    (L) => {
      pushSlot(L).setfltvalue(activeCall.contextOf(L).random());
      return 1;
    },
  ],
  [
    'randomKey',
    (L) => {
      const table = objectArgument(L, 1 + shift(L), 'randomKey');
      setValue(pushSlot(L), activeCall.contextOf(L).randomKey(table));
      return 1;
    },
  ],
  [
    'hash64',
    (L) => {
      const [high, low] = activeCall.contextOf(L).hash64(checkText(L, 1 + shift(L), 'hash64'));
      pushSlot(L).setfltvalue(high);
      pushSlot(L).setfltvalue(low);
      return 2;
    },
  ],
  ['expire', expire],
  [
    'pin',
    (L) => {
      activeCall.contextOf(L).pin();
      return 0;
    },
  ],
  [
    'unpin',
    (L) => {
      activeCall.contextOf(L).unpin();
      return 0;
    },
  ],
  [
    'refuse',
    (L) => {
      const message = optionalText(L, 1 + shift(L), 'refuse', 'refused').slice(0, LONGEST_LINE);
      meter.charge(message.length >>> 2);
      return activeCall.contextOf(L).refuse(message);
    },
  ],
  [
    'abandon',
    (L) => {
      activeCall.contextOf(L).abandon();
      return 0;
    },
  ],
]);

export class CallHandle extends Userdata {
  readonly luaType = 'userdata';

  override get functionNames(): readonly string[] {
    return [...FUNCTIONS.keys()];
  }

  get metatable(): LuaTable | null {
    return null;
  }

  index(L: LuaState, key: TValue, result: TValue): void {
    const name = key.type === STRING ? (key.value as LuaString).text : '';
    const read = FIELDS.get(name);
    if (read !== undefined) {
      read(activeCall.contextOf(L), result, L);
      return;
    }
    const native = FUNCTIONS.get(name);
    if (native === undefined) raise(L, `call has no field '${name.slice(0, 50)}'`);
    result.setfvalue(native);
  }

  newIndex(L: LuaState): void {
    raise(L, 'call cannot be changed');
  }

  length(L: LuaState): number {
    return raise(L, 'call has no length');
  }

  next(L: LuaState): number {
    return pushNil(L);
  }

  pairs(L: LuaState): number {
    return raise(L, 'call has no list of fields');
  }
}
