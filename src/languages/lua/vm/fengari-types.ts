// The parts of Fengari that this folder uses, typed by hand since it comes without types.

import type { LuaString } from './lua-string.js';

export interface TValue {
  type: number;
  value: unknown;
  setfrom(other: TValue): void;
  setfltvalue(value: number): void;
  setbvalue(value: boolean): void;
  setnilvalue(): void;
  setsvalue(value: LuaString): void;
  sethvalue(value: LuaTable): void;
  setuvalue(value: object): void;
  setfvalue(value: Native): void;
}

/** A native function: takes its arguments from the stack, returns how many results it pushed. */
export interface Native {
  (L: LuaState): number;
  /** What it computes of one or of two numbers, if it does nothing else with them: compiled code calls that. */
  ofNumber?: (x: number) => number;
  ofNumbers?: (x: number, y: number) => number;
  /** What it does with one argument or none without needing a frame, and returns one result; undefined if it needs a frame. */
  ofValue?: (x?: unknown) => unknown;
  /** What it does as the iterator of a loop over a plain table without needing a frame: the loop's next key and value, or nil and nil, become
      the two values after its state, which is at `first`. False if it needs a frame. */
  ofLoop?: (L: LuaState, table: LuaTable, first: number) => boolean;
}

export interface TableEntry {
  readonly key: TValue;
  readonly value: TValue;
  /** The fields before and after it in the order of insertion. */
  p: TableEntry | undefined;
  n: TableEntry | undefined;
}

export interface LuaTable {
  readonly strong: Map<unknown, TableEntry>;
  /** Deleted fields by their keys, until another one is added. */
  readonly dead_strong: Map<unknown, TableEntry>;
  dead_weak: WeakMap<object, TableEntry> | undefined;
  f: TableEntry | undefined;
  l: TableEntry | undefined;
  metatable: LuaTable | null;
  flags: number;
  readonly id: number;
}

export interface Instruction {
  readonly opcode: number;
  readonly A: number;
  readonly B: number;
  readonly C: number;
  readonly Bx: number;
  readonly Ax: number;
  readonly sBx: number;
}

export interface Proto {
  readonly code: Instruction[];
  readonly k: TValue[];
  readonly p: Proto[];
  readonly lineinfo: number[];
  readonly source: LuaString | null;
  readonly upvalues: { readonly name: LuaString | null; instack: boolean; idx: number }[];
  readonly locvars: unknown[];
  readonly numparams: number;
  readonly is_vararg: boolean;
  readonly maxstacksize: number;
  cache: LuaClosure | null;
  /** Set by the compiler: how many frames the function has had; its code with the arguments in registers of JavaScript, which returns its
      only result; its code with the arguments on the stack, which returns false if it has ended in a tail call. */
  frames?: number;
  direct?: (L: LuaState, ci: CallInfo, closure: LuaClosure, depth: number, ...values: unknown[]) => unknown;
  compiled?: (L: LuaState, ci: CallInfo, depth: number) => boolean;
}

export interface LuaClosure {
  p: Proto;
  readonly id: number;
  readonly nupvalues: number;
  readonly upvals: TValue[];
}

export interface NativeClosure {
  readonly f: Native;
  readonly upvalue: TValue[];
}

export interface CallInfo {
  func: TValue;
  funcOff: number;
  top: number;
  previous: CallInfo | null;
  next: CallInfo | null;
  l_base: number;
  l_code: Instruction[];
  l_savedpc: number;
  nresults: number;
  callstatus: number;
  /** Continuation of a native that may be interrupted by a yield. */
  c_k: unknown;
}

interface GlobalState {
  mainthread: LuaState;
  mt: (LuaTable | null | undefined)[];
  id_counter: number;
  atnativeerror: Native | null;
  l_registry: TValue;
  tmname: LuaString[];
  /** Set by the compiler: how many it has compiled. */
  compiledInstructions?: number;
}

export interface LuaState {
  readonly id: number;
  top: number;
  stack: TValue[];
  stack_last: number;
  ci: CallInfo;
  base_ci: CallInfo;
  l_G: GlobalState;
  hookmask: number;
  hookcount: number;
  basehookcount: number;
  status: number;
  nny: number;
  nCcalls: number;
  errorJmp: unknown;
  errfunc: number;
}

export interface LexState {
  readonly L: LuaState;
  linenumber: number;
  readonly t: { token: number; readonly seminfo: { r: number; i: number; ts: LuaString | null } };
}

/** Fengari's modules. Members that are replaced by ours are assignable. */
export interface FengariModules {
  readonly defs: {
    readonly constant_types: Readonly<Record<string, number>>;
    readonly LUA_MASKCOUNT: number;
  };
  readonly lobject: {
    TValue: new (type: number, value: unknown) => TValue;
    CClosure: new (L: LuaState, native: Native, upvalues: number) => NativeClosure;
    LClosure: new (L: LuaState, upvalues: number) => LuaClosure;
    luaO_str2num(bytes: Uint8Array, target: TValue): number;
    luaO_tostring(L: LuaState, value: TValue): void;
    luaO_arith(L: LuaState, operation: number, a: TValue, b: TValue, result: TValue): void;
  };
  readonly ltable: {
    Table: new (L: LuaState) => LuaTable;
    luaH_new(L: LuaState): LuaTable;
    luaH_get(L: LuaState | null, table: LuaTable, key: TValue): TValue;
    luaH_getint(table: LuaTable, key: number): TValue;
    luaH_getstr(table: LuaTable, key: LuaString): TValue;
    luaH_getn(table: LuaTable): number;
    luaH_setfrom(L: LuaState, table: LuaTable, key: TValue, value: TValue): void;
    luaH_setint(table: LuaTable, key: number, value: TValue): void;
    luaH_next(L: LuaState, table: LuaTable, keyIndex: number): boolean;
    invalidateTMcache(table: LuaTable): void;
  };
  readonly ltm: {
    luaT_callTM(L: LuaState, f: TValue, p1: TValue, p2: TValue, p3: TValue, hasResult: number): void;
    luaT_trybinTM(L: LuaState, p1: TValue, p2: TValue, result: TValue, event: number): void;
    luaT_gettmbyobj(L: LuaState, value: TValue, event: number): TValue;
    fasttm(L: LuaState, metatable: LuaTable | null, event: number): TValue | null;
    luaT_objtypename(L: LuaState, value: TValue): Uint8Array;
    readonly TMS: Readonly<Record<string, number>>;
  };
  readonly lvm: {
    luaV_gettable(L: LuaState, table: TValue, key: TValue, result: number): void;
    settable(L: LuaState, table: TValue, key: TValue, value: TValue): void;
    luaV_equalobj(L: LuaState | null, a: TValue, b: TValue): number;
    luaV_lessthan(L: LuaState, a: TValue, b: TValue): number;
    luaV_lessequal(L: LuaState, a: TValue, b: TValue): number;
    luaV_objlen(L: LuaState, result: TValue, value: TValue): void;
    luaV_concat(L: LuaState, total: number): void;
    luaV_execute(L: LuaState): void;
  };
  readonly ldo: {
    luaD_call(L: LuaState, func: number, results: number): void;
    luaD_callnoyield(L: LuaState, func: number, results: number): void;
    luaD_precall(L: LuaState, func: number, results: number): boolean;
    luaD_poscall(L: LuaState, ci: CallInfo, first: number, count: number): boolean;
    luaD_pcall(
      L: LuaState,
      run: (L: LuaState, data: number) => void,
      data: number,
      oldTop: number,
      handler: number,
    ): number;
    luaD_checkstack(L: LuaState, count: number): void;
    luaD_growstack(L: LuaState, count: number): void;
    adjust_top(L: LuaState, top: number): void;
    lua_resume(L: LuaState, from: LuaState, count: number): number;
    lua_yield(L: LuaState, count: number): void;
    lua_isyieldable(L: LuaState): boolean;
    luaD_throw(L: LuaState, status: number): never;
  };
  readonly ldebug: {
    luaG_traceexec(L: LuaState): void;
    luaG_errormsg(L: LuaState): never;
    luaG_typeerror(L: LuaState, value: TValue, operation: Uint8Array): never;
    luaG_runerror(L: LuaState, format: Uint8Array, ...values: unknown[]): never;
    luaG_ordererror(L: LuaState, a: TValue, b: TValue): never;
  };
  readonly lfunc: {
    luaF_close(L: LuaState, level: number): void;
    luaF_getlocalname(proto: Proto, number: number, pc: number): Uint8Array | null;
  };
  readonly lstate: {
    CallInfo: new () => CallInfo;
    lua_State: new () => LuaState;
    lua_newstate(): LuaState;
    lua_newthread(L: LuaState): LuaState;
  };
  readonly llex: { luaX_next(ls: LexState): void; readonly RESERVED: Readonly<Record<string, number>> };
  readonly lapi: {
    lua_load(L: LuaState, reader: () => Uint8Array | null, data: null, name: Uint8Array, mode: Uint8Array): number;
    lua_pcallk(L: LuaState, args: number, results: number, handler: number, context: unknown, k: unknown): number;
    lua_callk(L: LuaState, args: number, results: number, context: unknown, k: unknown): void;
    lua_rotate(L: LuaState, index: number, distance: number): void;
    lua_status(L: LuaState): number;
    lua_xmove(from: LuaState, to: LuaState, count: number): void;
    lua_checkstack(L: LuaState, count: number): boolean;
  };
}
