// Lua 5.1's `arg`: in a script that uses the name, each vararg function starts with a local table of its extra arguments and their number.
// Done in the stream of tokens between Fengari's lexer and parser.

import { argumentCount } from '../libraries/host-functions.js';
import { compile } from '../libraries/library-protect.js';
import { TABLE_FUNCTIONS } from '../libraries/library-table.js';
import { fengari } from '../vm/fengari.js';
import type { LexState, LuaState, Native } from '../vm/fengari-types.js';
import { LuaString } from '../vm/lua-string.js';

const { llex } = fengari;
const { TK_FUNCTION, TK_LOCAL, TK_NAME, TK_DOTS } = llex.RESERVED as Record<string, number>;
const OPEN = '('.charCodeAt(0);
const CLOSE = ')'.charCodeAt(0);
const EQUALS = '='.charCodeAt(0);

/** A global whose name no script can write. */
export const PACK_GLOBAL = '(pack)';

/** The function behind `(pack)`: table.pack, which sets `n` as 5.1 did. */
export const packArguments: Native = (L) => {
  argumentCount(L);
  return TABLE_FUNCTIONS.pack(L);
};

/** `local arg = (pack)(...)`, as tokens. */
const DECLARATION: readonly (readonly [token: number, name?: string])[] = [
  [TK_LOCAL],
  [TK_NAME, 'arg'],
  [EQUALS],
  [TK_NAME, PACK_GLOBAL],
  [OPEN],
  [TK_DOTS],
  [CLOSE],
];

interface Reading {
  /** Whether the name `arg` has occurred. */
  usesArg: boolean;
  readonly declares: boolean;
  /** Between `function` and the `)` of its parameters. */
  inHead: boolean;
  /** The last token but one of a head was `...`. */
  sawDots: boolean;
  /** Tokens of the declaration that come next; its length when none do. */
  next: number;
}

let reading: Reading | undefined;
const readToken = llex.luaX_next;

llex.luaX_next = (ls: LexState) => {
  if (reading === undefined) readToken(ls);
  else nextToken(ls, reading);
};

function nextToken(ls: LexState, state: Reading): void {
  if (state.next < DECLARATION.length) {
    const [token, name] = DECLARATION[state.next++] as readonly [number, string?];
    ls.t.token = token;
    if (name !== undefined) ls.t.seminfo.ts = new LuaString(null, name);
    return;
  }
  if (state.inHead && ls.t.token === CLOSE) {
    state.inHead = false;
    if (state.sawDots && state.declares) {
      state.next = 0;
      nextToken(ls, state);
      return;
    }
  }
  readToken(ls);
  const { token, seminfo } = ls.t;
  if (token === TK_NAME && seminfo.ts?.text === 'arg') state.usesArg = true;
  if (token === TK_FUNCTION) {
    state.inHead = true;
    state.sawDots = false;
  } else if (token === TK_DOTS && state.inHead) state.sawDots = true;
}

function compileOnce(L: LuaState, source: Uint8Array, chunkName: string, declares: boolean): [boolean, Reading] {
  const state: Reading = { usesArg: false, declares, inHead: false, sawDots: false, next: DECLARATION.length };
  reading = state;
  try {
    return [compile(L, source, chunkName), state];
  } finally {
    reading = undefined;
  }
}

/** Compiles text written for Lua 5.1; pushes the function, or pushes the error message and returns false. */
export function compileOld(L: LuaState, source: Uint8Array, chunkName: string): boolean {
  const [isCompiled, { usesArg }] = compileOnce(L, source, chunkName, false);
  if (!isCompiled || !usesArg) return isCompiled;
  L.top--;
  return compileOnce(L, source, chunkName, true)[0];
}
