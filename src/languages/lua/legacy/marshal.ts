// table.marshal, unmarshal and clone of scripts in the original's style. The bytes keep numbers, strings and nesting exactly; unmarshal
// reads JSON as well, in which the server shows an object's content.
//
//   t true   f false   n<decimal>;   s<length>:<bytes>   {<key><value>...}   after a signature of four bytes

import { latin1 } from '../../../base/latin1.js';
import { parseJson } from '../../../objects/arguments/parse-bytes.js';
import type { Key, Scalar } from '../../../objects/types/object-type.js';
import { PlainTable } from '../../../tables/plain-table.js';
import { snapshotOf } from '../host/snapshot.js';
import {
  argument,
  argumentCount,
  checkTable,
  checkText,
  isTable,
  makeValue,
  pushJoined,
  pushTable,
} from '../libraries/host-functions.js';
import { chargeParsing, setLiteral } from '../libraries/json.js';
import { markList } from '../libraries/json-values.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, LuaTable, Native, TValue } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { LuaString, partOf, STRING_OVERHEAD_BYTES } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { formatNumber } from '../vm/numbers.js';
import { NIL } from '../vm/tags.js';
import { pushSlot } from '../vm/vm-calls.js';

const { ltable } = fengari;
/** Bytes of V8's node for two concatenated strings that are not flattened yet. */
const PIECE_BYTES = 64;
const MARK = '\x1bCT1';
/** A length or a number has fewer characters than this. */
const LONGEST_NUMERAL = 40;
const SHORTEST = MARK.length;

function encode(value: Key | Scalar | Uint8Array | PlainTable): string {
  meter.charge(2);
  meter.chargeBytes(PIECE_BYTES);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') return `n${formatNumber(value)};`;
  if (typeof value === 'string') {
    meter.chargeBytes(value.length);
    return `s${value.length}:${value}`;
  }
  if (value instanceof Uint8Array) return encode(latin1(value, 0, value.length));
  let text = '{';
  for (const [key, field] of value.fields) text += encode(key) + encode(field);
  return `${text}}`;
}

/** Reads one table of marshalled bytes; undefined when they are damaged. */
class Reader {
  #at = SHORTEST;

  constructor(
    private readonly text: string,
    private readonly L: LuaState,
  ) {}

  read(slot: TValue, depth: number): boolean {
    meter.charge(1);
    const kind = this.text[this.#at++];
    if (kind === 't' || kind === 'f') slot.setbvalue(kind === 't');
    else if (kind === 'n') slot.setfltvalue(numberOf(this.#until(';')));
    else if (kind === 's') return this.#readString(slot);
    else if (kind === '{' && depth < 64) return this.#readTable(slot, depth);
    else return false;
    return true;
  }

  #until(end: string): string {
    meter.charge(1);
    const at = this.text.slice(this.#at, this.#at + LONGEST_NUMERAL).indexOf(end) + this.#at;
    if (at < this.#at) {
      this.#at = this.text.length;
      return '';
    }
    const piece = this.text.slice(this.#at, at);
    this.#at = at + 1;
    return piece;
  }

  #readString(slot: TValue): boolean {
    const length = Number(this.#until(':'));
    if (!(length >= 0 && this.#at + length <= this.text.length)) return false;
    meter.chargeBytes(length + STRING_OVERHEAD_BYTES);
    slot.setsvalue(new LuaString(null, partOf(this.text, this.#at, this.#at + length)));
    this.#at += length;
    return true;
  }

  #readTable(slot: TValue, depth: number): boolean {
    const table = ltable.luaH_new(this.L);
    const key = makeValue(NIL, null);
    const value = makeValue(NIL, null);
    while (this.text[this.#at] !== '}') {
      if (!this.read(key, 64) || !this.read(value, depth + 1)) return false;
      ltable.luaH_setfrom(this.L, table, key, value);
    }
    this.#at++;
    slot.sethvalue(table);
    return true;
  }
}

function numberOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  return text === 'nan' ? Number.NaN : Number(text);
}

function fillTable(L: LuaState, table: LuaTable, snapshot: PlainTable): void {
  if (snapshot.isList) markList(table);
  for (const [key, field] of snapshot.fields) {
    const slot = makeValue(NIL, null);
    if (field instanceof PlainTable) {
      const inner = ltable.luaH_new(L);
      fillTable(L, inner, field);
      slot.sethvalue(inner);
    } else setLiteral(L, slot, field);
    const name = makeValue(NIL, null);
    setLiteral(L, name, key);
    ltable.luaH_setfrom(L, table, name, slot);
  }
  ltable.invalidateTMcache(table);
}

/** Functions that old scripts call with a dot and with a colon: `table:clone(t)` gives the library first. */
export function marshalFunctions(library: () => LuaTable): Readonly<Record<string, Native>> {
  const first = (L: LuaState) => (argumentCount(L) > 1 && argument(L, 1).value === library() ? 2 : 1);
  return {
    marshal: (L) => pushJoined(L, MARK + encode(snapshotOf(L, checkTable(L, first(L), 'marshal')))),
    unmarshal: (L) => {
      const text = checkText(L, first(L), 'unmarshal');
      const slot = pushSlot(L);
      slot.setnilvalue();
      if (text.startsWith(MARK)) {
        if (!new Reader(text, L).read(slot, 0)) raise(L, 'bytes to unmarshal are damaged');
        return 1;
      }
      chargeParsing(text);
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null) raise(L, 'bytes to unmarshal are no table');
      if (!setLiteral(L, slot, value)) raise(L, 'bytes to unmarshal are nested too deep');
      return 1;
    },
    clone: (L) => {
      const value = argument(L, first(L));
      if (!isTable(value)) {
        pushSlot(L).setfrom(value);
        return 1;
      }
      const snapshot = snapshotOf(L, value);
      fillTable(L, pushTable(L), snapshot);
      return 1;
    },
  };
}
