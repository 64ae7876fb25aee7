// What compiling may cost, whatever a script looks like: the size of the code, the stack of JavaScript. Also that no text of a script gets into
// the code. What compiled code does: compiled-code.test.ts.

import { afterEach, expect, test } from 'vitest';
import { hot } from '../../../src/languages/lua/compiler/compile.js';
import { method } from '../../../src/objects/types/object-type.js';
import { CallHarness } from '../../objects/call-harness.js';
import { typeOf as pluginOf } from '../../objects/types-for-tests.js';
import { PATIENT, typeOf } from './evaluate.js';

const USUAL_FRAMES = hot.frames;
const UsualFunction = globalThis.Function;

afterEach(() => {
  hot.frames = USUAL_FRAMES;
  globalThis.Function = UsualFunction;
});

/** Collects the code that is made of texts from now on. */
function observed(): string[] {
  const texts: string[] = [];
  globalThis.Function = new Proxy(UsualFunction, {
    construct(target, given: string[]) {
      texts.push(given[given.length - 1]);
      return Reflect.construct(target, given);
    },
  });
  return texts;
}

function harnessOf(functions: string, body: string, frames: number): CallHarness {
  hot.frames = frames;
  return new CallHarness([typeOf({ run: body }, '', 'upsert', `${functions}\n`)], { budget: PATIENT });
}

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `a${index}`).join(', ');
}

function repeated(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ');
}

/** Bodies of functions of few instructions. */
const SHAPES: Readonly<Record<string, string>> = {
  'constants that no instruction uses': repeated(5000, (index) => `if "${index}" then end`),
  'variables without a value': repeated(200, () => `do local x = 1 local ${names(90)} end`),
  'results of calls': repeated(150, () => `do local ${names(90)} = f(1) end`),
  'results of iterators': repeated(80, () => `for ${names(60)} in n do end`),
  'arguments without a value': repeated(100, () => `f(${Array(90).fill('nil').join(',')})`),
  'elements without a value': repeated(200, () => `n = { ${Array(45).fill('nil').join(',')} }`),
  'calls of calls': repeated(12, () => `${'f('.repeat(19)}f()${')'.repeat(19)}`),
  methods: repeated(150, () => 'n:m()'),
  branches: repeated(160, () => 'if n == 5 then n = 6 end'),
};

/** Of the code of 500 instructions, measured at up to 190 KB. */
const MOST_CHARACTERS = 250_000;
/** Of an instruction: the steps that its compiling costs, and the characters that it may become. */
const STEPS_PER_CHARACTER = 1 / 10;

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`the code that a function becomes is paid for by its length: ${name}`, () => {
    const harness = harnessOf(
      `local function f(n) if n == 1 then return end ${shape} return 1 end`,
      'f(1) f(1) return "done"',
      2,
    );
    const texts = observed();
    expect(harness.get('t:run:k')).toBe('done');
    const { budget } = harness.calls.invocation;
    const characters = texts.join('').length;
    expect(characters).toBeLessThan(MOST_CHARACTERS);
    expect(budget.stepsUsed).toBeGreaterThan(characters * STEPS_PER_CHARACTER);
  });
}

test('no name, text or number that is no literal of JavaScript gets from a script into compiled code', () => {
  const harness = harnessOf(
    `local MARKname, nan, inf = { MARKfield = 1 }, 0 / 0, 1 / 0
     local function f(MARKparameter)
       local MARKlocal = "MARK\\"\\\\'\`\${MARK}\\226\\128\\168*/" .. MARKname.MARKfield
       MARKname["MARK\\n__proto__"] = MARKlocal == "MARK" or MARKname.constructor
       goto MARKlabel
       ::MARKlabel::
       return MARKlocal .. 1e308 * -0.0 + 1e999 - -1e999 .. 5e-324 .. 0x1p63 .. MARKname:MARKmethod(nan, inf)
     end`,
    'function MARKname.MARKmethod(...) return select("#", ...) end return f() .. f() .. #f()',
    2,
  );
  const texts = observed();
  const replies = [harness.get('t:run:k'), harness.get('t:run:k')];
  expect(replies[0]).toBe(replies[1]);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    expect(text).not.toContain('MARK');
    expect(text.replace('"use strict";', '').replaceAll("'number'", '').replaceAll("'function'", '')).not.toMatch(
      /["'`\\]|__|\bconstructor\b|NaN|Infinity|[^\n -~]/,
    );
  }
});

/** Frames of compiled code on the stack of JavaScript when the script logs something. */
function compiledFramesOf(functions: string, body: string): number {
  let most = 0;
  const usual = Error.stackTraceLimit;
  const onLog = () => {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    most = Math.max(most, new Error().stack?.match(/\bcode( \[as direct\])? \(eval/g)?.length ?? 0);
    Error.stackTraceLimit = usual;
  };
  hot.frames = 2;
  const type = typeOf({ run: body }, '', 'upsert', `${functions}\n`);
  const harness = new CallHarness([type], { budget: PATIENT, onLog });
  harness.get('t:run:k');
  most = 0;
  expect(harness.get('t:run:k')).toBe('done');
  return most;
}

test('compiled functions that natives call, which natives call, take a bounded part of the stack', () => {
  const frames = compiledFramesOf(
    `local nested, deep, level
     local meta = { __index = function() return nested() end }
     function deep(n) if n > 0 then local x = deep(n - 1) return x end local x = setmetatable({}, meta).x return x end
     function nested()
       level = level + 1
       if level > 190 then return end
       if level == 190 then print("deepest") end
       local x = deep(24 - level) return x
     end`,
    'for i = 1, 3 do level = 400 deep(0) end level = 0 nested() return "done"',
  );
  expect(frames).toBeGreaterThan(20);
  expect(frames).toBeLessThan(150);
});

test('methods that call each other share the depth of natives: none reaches the end of the stack of JavaScript', () => {
  const harness = harnessOf(
    `local depth, host
     local function deeper()
       if depth < 50 then depth = depth + 1 return table.sort({ 1, 2 }, deeper) end
       depth = 0
       return host.invoke("t", "run", host.key .. "x")
     end`,
    'self.x = 1 depth, host = 0, call deeper() return "done"',
    2,
  );
  for (let call = 0; call < 3; call++) {
    expect(harness.get('t:run:k')).toMatch(/^CLIENT_ERROR t:run: .*C stack overflow$/);
    expect(harness.store.itemCount).toBe(0);
  }
});

test('so do methods in Lua that a plugin calls one after the other', () => {
  const plugin = pluginOf('u', {
    both: method({
      access: 'upsert',
      run(_self, _args, call) {
        call.invoke('t', 'small', 'other');
        return call.invoke('t', 'run', `${call.key}x`);
      },
    }),
  });
  const functions = `local depth, host
    local function deeper()
      if depth < 30 then depth = depth + 1 return table.sort({ 1, 2 }, deeper) end
      return host.invoke("u", "both", host.key)
    end`;
  const bodies = { run: 'depth, host = 0, call deeper() return "done"', small: 'return 1' };
  const harness = new CallHarness([typeOf(bodies, '', 'upsert', `${functions}\n`), plugin], { budget: PATIENT });
  expect(harness.get('t:run:k')).toMatch(/^CLIENT_ERROR t:run: .*C stack overflow$/);
  expect(harness.get('t:small:k')).toBe('1');
});
