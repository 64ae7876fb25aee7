// Finds the line of a type's file on which a part of its definition is declared, for messages. It reads the text, not the program: it looks for
// nested keys before braces, and gives no line where a definition is written in another way or the place is not certain.

import type { Language } from './loaded-type.js';

/** The text of a file that defines a type. */
export interface DefinitionText {
  readonly language: Language;
  readonly text: string | Uint8Array;
}

/** A part of a definition. */
export interface Declared {
  readonly path: readonly string[];
  /** Its value, if that is a word that the line has to contain. */
  readonly value?: string | undefined;
}

interface Frame {
  key: string | undefined;
  /** Whether it is a table rather than a block of Lua. */
  readonly isTable: boolean;
}

interface Found {
  readonly line: number;
  readonly depth: number;
  /** Whether another place of the same depth has the same keys. */
  readonly isAmbiguous: boolean;
}

const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/.source;
const WORD = /[A-Za-z_$][\w$]*/.source;
const TOKENS = {
  lua: new RegExp(`--\\[\\[[^]*?\\]\\]|--.*|\\[\\[[^]*?\\]\\]|${STRING}|${WORD}|==|[{}=,;]|\\n`, 'g'),
  typescript: new RegExp(`//.*|/\\*[^]*?\\*/|\`(?:\\\\.|[^\`\\\\])*\`|${STRING}|${WORD}|[{}:,;]|\\n`, 'g'),
};
const OPENING = new Set(['function', 'if', 'do', 'repeat']);
const CLOSING = new Set(['end', 'until']);

/** The line of the last key of the path that is declared, 1 for the first; undefined when that is not certain. */
export function lineOfDeclaration({ language, text }: DefinitionText, declared: Declared): number | undefined {
  const found = placesOf(language, typeof text === 'string' ? text : Buffer.from(text).toString('latin1'), declared);
  const [outermost] = found;
  const place = found.findLast((candidate) => candidate !== undefined && candidate.depth === outermost?.depth);
  return place === undefined || place.isAmbiguous ? undefined : place.line;
}

/** For each part of the path, the outermost place of the keys up to it. */
function placesOf(language: Language, text: string, { path, value }: Declared): (Found | undefined)[] {
  const found: (Found | undefined)[] = path.map(() => undefined);
  const lines = text.split('\n');
  const separator = language === 'lua' ? '=' : ':';
  const frames: Frame[] = [];
  let line = 1;
  let word: string | undefined;
  let key: string | undefined;
  for (const [token] of text.matchAll(TOKENS[language])) {
    if (token === '{') {
      frames.push({ key, isTable: true });
      key = undefined;
      word = undefined;
    } else if (token === '}') {
      frames.pop();
    } else if (token === separator && word !== undefined) {
      key = word;
      note(frames, key, line);
    } else if (token === ',' || token === ';') {
      key = undefined;
    } else if (language === 'lua' && OPENING.has(token)) {
      frames.push({ key, isTable: false });
      key = undefined;
    } else if (language === 'lua' && CLOSING.has(token)) {
      frames.pop();
    } else if (key === 'name' && /^["']/.test(token)) {
      // Parameters in a list have their names as fields.
      const frame = frames.at(-1);
      if (frame !== undefined && frames.length > 1) frame.key ??= token.slice(1, -1);
    }
    const isText = /^["'A-Za-z_$]/.test(token);
    if (isText) word = /^["']/.test(token) ? token.slice(1, -1) : token;
    else if (token !== '\n') word = undefined;
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) line++;
  }
  return found;

  function note(outer: readonly Frame[], last: string, at: number): void {
    const keys = [...outer.map((frame) => frame.key), last];
    path.forEach((part, index) => {
      if (part !== last || (index === path.length - 1 && value !== undefined && !lines[at - 1]?.includes(value)))
        return;
      // The definition itself is a table, and the value of no key of the path.
      const first = keys.length - 1 - index;
      if (first < 1 || outer.slice(first - 1).some(({ isTable }) => !isTable)) return;
      if (!path.slice(0, index).every((key, n) => key === keys[first + n])) return;
      const before = found[index];
      if (before === undefined || first < before.depth) found[index] = { line: at, depth: first, isAmbiguous: false };
      else if (first === before.depth) found[index] = { ...before, isAmbiguous: true };
    });
  }
}
