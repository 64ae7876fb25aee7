// What compiling costs beyond a fixed amount for each byte: Fengari's parser goes through lists of jumps, labels and pending gotos of
// a function for each new one, so that a text of many takes the square of their number. They are charged as they are read.

import { fengari } from './fengari.js';
import type { LexState } from './fengari-types.js';
import { meter } from './meter.js';

const { llex } = fengari;
const { RESERVED } = llex;
/** Tokens that lengthen a list which later ones go through. */
const LENGTHENING = new Set(
  ['TK_ELSE', 'TK_ELSEIF', 'TK_BREAK', 'TK_GOTO', 'TK_DBCOLON', 'TK_AND', 'TK_OR'].map((name) => RESERVED[name]),
);
/** Links of a list that a step pays for, as 2 to a power. */
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

/** Keeps nothing of the text that was compiled. */
export function forgetLexer(): void {
  lexer = undefined;
}
