// The cost of compiling beyond a fixed amount per byte. For each new jump, label or pending goto of a function, Fengari's parser walks a
// list of those before it, which takes quadratic time for many. Each walk is charged when it happens.

import { fengari } from './fengari.js';
import type { LexState } from './fengari-types.js';
import { meter } from './meter.js';

const { llex } = fengari;
const { RESERVED } = llex;
/** Tokens that add to a list which later tokens walk. */
const LENGTHENING = new Set(
  ['TK_ELSE', 'TK_ELSEIF', 'TK_BREAK', 'TK_GOTO', 'TK_DBCOLON', 'TK_AND', 'TK_OR'].map((name) => RESERVED[name]),
);
/** List entries per step, as a power of 2. */
const LINKS_PER_STEP_BITS = 3;

let lexer: LexState | undefined;
let lengthening = 0;

const readToken = llex.luaX_next;
llex.luaX_next = (ls) => {
  if (ls !== lexer) {
    lexer = ls;
    lengthening = 0;
  }
  readToken(ls);
  if (LENGTHENING.has(ls.t.token)) meter.charge(++lengthening >>> LINKS_PER_STEP_BITS);
};

/** Drops all references to the compiled text. */
export function forgetLexer(): void {
  lexer = undefined;
}
