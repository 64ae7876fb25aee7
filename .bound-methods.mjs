// Binds the methods of the classes whose doc comment ends with `@perThread`: `name(parameters) { }` becomes the field
// `name = (parameters) => { };`. The bundle is built with it (.bundle.mjs), and the tests run with it (test/vitest.config.ts).
//
// V8 treats a per-thread singleton as a constant, with the fields that only its constructor sets, if it is reached through a constant.
// `this` of an arrow function is a constant, `this` of a method is a parameter. With bound methods, and with each program in one file, a
// get costs half as much.
//
// Tag only a class that each thread constructs once and that no class extends (the field would win over an override);
// test/bound-methods.test.ts checks both. Getters and static, async and generator methods stay as they are.
//
// A field that is declared and then set has had two values, the first of them undefined, and is no constant. So tsconfig.json has
// fields only set (`useDefineForClassFields`), and what a constructor sets for good is `private readonly`, not `readonly #`.

import MagicString from 'magic-string';
import { parseAst } from 'rolldown/parseAst';

/** The end of a doc comment, right before the class. */
const TAG = /@perThread\s*\*\/\s*$/;

/** A plugin of rolldown and of vite; reads TypeScript as well as what becomes of it. */
export const boundMethods = {
  name: 'bound-methods',
  enforce: 'pre',
  transform(code, id) {
    const text = bindMethods(code, id);
    return text.hasChanged() ? { code: text.toString(), map: text.generateMap({ source: id, hires: true }) } : null;
  },
};

/** @returns {MagicString} the module with bound methods */
export function bindMethods(code, id) {
  const text = new MagicString(code);
  if (!code.includes('@perThread')) return text;
  let end = 0;
  for (const statement of parseAst(code, { lang: id.endsWith('.ts') ? 'ts' : 'js' }).body) {
    const declared = statement.declaration ?? statement;
    const isTagged = TAG.test(code.slice(end, statement.start));
    end = statement.end;
    if (!isTagged) continue;
    if (declared.type !== 'ClassDeclaration') throw new Error(`${id}: @perThread is for classes`);
    bindMethodsOf(text, declared.body);
  }
  return text;
}

function bindMethodsOf(text, { body }) {
  for (const { type, kind, static: isStatic, key, value } of body) {
    if (type !== 'MethodDefinition' || kind !== 'method' || isStatic || value.async || value.generator) continue;
    text.appendLeft(key.end, ' = ').appendLeft(value.body.start, '=> ').appendLeft(value.end, ';');
  }
}
