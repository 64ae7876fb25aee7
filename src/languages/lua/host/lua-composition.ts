// Functions of `call` for other objects, methods of other types and plain values, as scripts see them. The others: lua-call-handle.ts. What they
// do, and what they refuse: objects/calls/other-objects.ts, call-values.ts and nested-calls.ts.

import { JsonText } from '../../../tables/json-text.js';
import {
  argument,
  argumentError,
  checkNumber,
  checkText,
  optionalText,
  pushBoolean,
  pushNil,
  pushText,
  typeName,
} from '../libraries/host-functions.js';
import { setLiteral, toJson } from '../libraries/json.js';
import { isJsonNull } from '../libraries/json-values.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import type { LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, NIL, STRING, TABLE, TYPE_MASK, TYPE_NUMBER, USERDATA } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';
import { activeCall } from './active-call.js';
import { setValue } from './lua-table-proxy.js';

/** `first` is the number of the first argument after `call` itself, if that was given. */
export type Composing = (L: LuaState, first: number) => number;

/** Steps of looking up an object or a value, which was measured at up to 2 us, and of making one, at up to 30 us with a long key. */
const OPEN_STEPS = 24;
const MAKE_STEPS = 400;
/** Of a call, in addition to those of the called method. */
const INVOKE_STEPS = 160;
const ARGUMENT_STEPS = 4;

const open: Composing = (L, first) => {
  meter.charge(OPEN_STEPS);
  const type = checkText(L, first, 'open');
  const key = checkText(L, first + 1, 'open');
  const access = optionalText(L, first + 2, 'open', 'read');
  if (access !== 'read' && access !== 'write' && access !== 'upsert') {
    argumentError(L, first + 2, 'open', "'read', 'write' or 'upsert' expected");
  }
  if (access === 'upsert') meter.charge(MAKE_STEPS);
  setValue(pushSlot(L), activeCall.contextOf(L).open(type, key, access));
  return 1;
};

const exists: Composing = (L, first) => {
  meter.charge(OPEN_STEPS);
  const type = checkText(L, first, 'exists');
  return pushBoolean(L, activeCall.contextOf(L).exists(type, checkText(L, first + 1, 'exists')));
};

const create: Composing = (L, first) => {
  meter.charge(MAKE_STEPS);
  const type = checkText(L, first, 'create');
  setValue(pushSlot(L), activeCall.contextOf(L).create(type, checkText(L, first + 1, 'create')));
  return 1;
};

const remove: Composing = (L, first) => {
  meter.charge(OPEN_STEPS);
  const context = activeCall.contextOf(L);
  if (argument(L, first).type === NIL && argument(L, first + 1).type === NIL) return pushBoolean(L, context.remove());
  const type = checkText(L, first, 'remove');
  return pushBoolean(L, context.remove(type, checkText(L, first + 1, 'remove')));
};

const invoke: Composing = (L, first) => {
  meter.charge(INVOKE_STEPS);
  const type = checkText(L, first, 'invoke');
  const method = checkText(L, first + 1, 'invoke');
  const key = checkText(L, first + 2, 'invoke');
  const args = namedArguments(L, first + 3);
  const context = activeCall.contextOf(L);
  const value = activeCall.within(() => context.invoke(type, method, key, args));
  if (!setLiteral(L, pushSlot(L), value)) raise(L, `the result of ${type}:${method} is nested too deep`);
  return 1;
};

const value: Composing = (L, first) => {
  meter.charge(OPEN_STEPS);
  const bytes = activeCall.contextOf(L).value(checkText(L, first, 'value'));
  return bytes === undefined ? pushNil(L) : pushText(L, bytes);
};

const setPlainValue: Composing = (L, first) => {
  meter.charge(MAKE_STEPS);
  const key = checkText(L, first, 'setValue');
  const bytes = checkText(L, first + 1, 'setValue');
  const seconds = argument(L, first + 2).type === NIL ? 0 : checkNumber(L, first + 2, 'setValue');
  activeCall.contextOf(L).setValue(key, bytes, seconds);
  return 0;
};

const deleteValue: Composing = (L, first) => {
  meter.charge(MAKE_STEPS);
  return pushBoolean(L, activeCall.contextOf(L).deleteValue(checkText(L, first, 'deleteValue')));
};

/** By the name under which a script finds it. */
export const COMPOSITION: Readonly<Record<string, Composing>> = {
  open,
  exists,
  create,
  remove,
  invoke,
  value,
  setValue: setPlainValue,
  deleteValue,
};

/** The arguments of a nested call, by name: scalars as they are, tables as JSON. */
function namedArguments(L: LuaState, n: number): Readonly<Record<string, unknown>> | undefined {
  const given = argument(L, n);
  if (given.type === NIL) return undefined;
  if (given.type !== TABLE) return argumentError(L, n, 'invoke', `table expected, got ${typeName(given)}`);
  const values: Record<string, unknown> = Object.create(null);
  for (const { key, value: field } of (given.value as LuaTable).strong.values()) {
    meter.charge(ARGUMENT_STEPS);
    if (field.type === NIL) continue;
    if (key.type !== STRING) {
      return argumentError(L, n, 'invoke', 'arguments are given by their names, as in { count = 1 }');
    }
    values[(key.value as LuaString).text] = plainValue(L, field);
  }
  return values;
}

function plainValue(L: LuaState, field: TValue): unknown {
  if (field.type === STRING) return (field.value as LuaString).text;
  if ((field.type & TYPE_MASK) === TYPE_NUMBER || field.type === BOOLEAN) return field.value;
  if (isJsonNull(field)) return null;
  if (field.type === TABLE || field.type === USERDATA) return new JsonText(toJson(L, field));
  return raise(L, `cannot pass a ${typeName(field)} to a method`);
}
