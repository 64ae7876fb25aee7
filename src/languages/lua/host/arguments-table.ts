// `args` of a method: a table that is reused for the next call, since creating one costs more than a short method. After a script has
// changed it, the next call gets a new one.

import { convertArgument } from '../../../objects/arguments/convert-arguments.js';
import type { MethodPlan, ParameterPlan } from '../../../objects/types/parameter-plan.js';
import type { ArgumentSlices } from '../../../tables/argument-slices.js';
import { ArgumentError } from '../../../tables/call-errors.js';
import { makeValue, textValue } from '../libraries/host-functions.js';
import { setLiteral } from '../libraries/json.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, TValue } from '../vm/fengari-types.js';
import { LuaString } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { BOOLEAN, STRING } from '../vm/tags.js';

const { ltable } = fengari;
/** Shorter arguments cost nothing beyond the call. */
const FREE_BYTES = 64;

export class ArgumentsTable {
  #table: LuaTable | undefined;
  #fields: { value: TValue | undefined }[] = [];
  private readonly parameters: readonly ParameterPlan[];

  constructor(plan: MethodPlan) {
    this.parameters = plan.parameters;
  }

  /** The table with the values of this call. The number of arguments has been checked. Throws ArgumentError. */
  fill(L: LuaState, spans: ArgumentSlices): LuaTable {
    const table = this.#intactTable() ?? this.#make(L);
    for (let index = 0; index < this.parameters.length; index++) {
      const parameter = this.parameters[index];
      const slot = this.#fields[index]?.value as TValue;
      if (parameter.plain && spans.has(index)) {
        const text = spans.string(index);
        if (text.length > FREE_BYTES) meter.chargeBytes(text.length);
        slot.value = new LuaString(null, text);
        slot.type = STRING;
      } else this.#convert(L, slot, parameter, spans, index);
    }
    return table;
  }

  #convert(L: LuaState, slot: TValue, parameter: ParameterPlan, spans: ArgumentSlices, index: number): void {
    const value = convertArgument(parameter, spans, index);
    // No script runs yet that could catch an error of Lua.
    if (!setLiteral(L, slot, value)) throw new ArgumentError(`${parameter.name} is nested too deep`);
  }

  /** Drops the table when the state is replaced. */
  forget(): void {
    this.#table = undefined;
  }

  #intactTable(): LuaTable | undefined {
    const table = this.#table;
    if (table === undefined || table.metatable !== null) return undefined;
    if (table.strong.size !== this.#fields.length) return undefined;
    // A field that a script set to nil has lost its value object, even if it was set again.
    for (const field of this.#fields) if (field.value === undefined) return undefined;
    return table;
  }

  #make(L: LuaState): LuaTable {
    const table = ltable.luaH_new(L);
    for (const { name } of this.parameters) {
      ltable.luaH_setfrom(L, table, textValue(name), makeValue(BOOLEAN, false));
    }
    this.#fields = [...table.strong.values()];
    this.#table = table;
    return table;
  }
}
