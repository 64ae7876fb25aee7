// Runs pieces of Lua as the method of a type, through the whole path of a client's call.

import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import { CallHarness, type HarnessOptions } from '../../objects/call-harness.js';

/** A type `t` whose methods are the given bodies, which can use `self`, `args`, `call`, and `kept`, which outlives calls. */
export function typeOf(bodies: Readonly<Record<string, string>>, parameters = '', access = 'create', head = '') {
  const methods = Object.entries(bodies).map(
    ([name, body]) =>
      `${name} = { access = "${access}", parameters = {${parameters}}, run = function(self, args, call) ${body}\nend }`,
  );
  return loadLuaType(
    Buffer.from(`${head}local kept = {} return { name = "t", methods = { ${methods.join(',\n')} } }`, 'latin1'),
    't.lua',
  );
}

/** Time enough on a busy machine. */
export const PATIENT = { milliseconds: 10_000 };

/** The reply to a client for a body's result. */
export function evaluate(body: string, options: HarnessOptions = { budget: PATIENT }): string {
  return new CallHarness([typeOf({ run: body })], options).get('t:run:k');
}

/** The value of an expression, as text. */
export function value(expression: string): string {
  return evaluate(`return tostring(${expression})`);
}
