// Random Lua of the kind that is compiled to JavaScript: functions of the file without `...` and without functions inside, which call each
// other, natives and metamethods. Each calls only later ones, or itself with a smaller number, so that all end.

import type { Random } from '../../bench/load/random.js';

const FUNCTIONS = 5;
const DEEPEST = 3;
const LOCALS = ['a', 'b', 'c', 'd'];
const NUMBERS = ['0', '1', '-1', '2', '3', '0.5', '1e300', '0/0', '-0.0', '2^53', '"12"', '7', 'i'];
const OTHERS = ['""', '"a"', '"x"', 'nil', 'true', 'false'];
const ARITHMETIC = ['+', '-', '*', '/', '//', '%', '^'];
/** Bits of what is no integer, and texts in arithmetic, end a function. */
const BINARY = [...ARITHMETIC, ...ARITHMETIC, ...ARITHMETIC, ...ARITHMETIC, '..', '&', '|', '~', '<<', '>>'];
const COMPARISONS = ['==', '~=', '<', '<=', '>', '>='];
const NATIVES = [
  ...[
    'math.floor',
    'math.max',
    'math.min',
    'math.ceil',
    'math.abs',
    'tostring',
    'tonumber',
    'type',
    'select',
    'next',
    'rawget',
    'rawequal',
  ],
  ...[
    'string.sub',
    'string.len',
    'string.rep',
    'string.byte',
    'string.find',
    'table.concat',
    'unpack',
    'pcall',
    'error',
    'assert',
  ],
  ...['object.count', 'object.has', 'ipairs', 'setmetatable', 'floor', 'max', 'coroutine.yield'],
];
const HEAD = `local floor, max, i, up, down = math.floor, math.max, 5, 1, "text"
local meta = {}
for _, event in ipairs({ "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "shl", "bnot" }) do
  meta["__" .. event] = function(x, y) return #event end
end
meta.__concat = function(x, y) return "joined" end
meta.__eq = function(x, y) return true end
meta.__lt = function(x, y) return 1 end
meta.__le = function(x, y) return nil end
meta.__len = function(x) return 7 end
meta.__call = function(self, ...) return select("#", ...), ... end
meta.__index = function(t, k) return k end
meta.__newindex = function(t, k, v) rawset(t, k, v) end
local special, list = setmetatable({ x = 1 }, meta), { 1, 2, "three", x = 4, y = { x = 5 } }
`;

/** The functions of a file, and the body of a method that calls them. */
export function plainFunctions(random: Random): { readonly functions: string; readonly body: string } {
  const names = Array.from({ length: FUNCTIONS }, (_, index) => `f${index}`);
  const all = names.map((name, index) => new Plain(random, name, names.slice(index + 1)).definition());
  const calls = names.map((name) => `one(${name}, self, call)`);
  const body = `local r = {} local function one(f, self, call)
  for i, x in ipairs({ 3, "7", special, list, self }) do
    local ok, p, q = pcall(f, i, x, list)
    r[#r + 1] = shown(ok) .. shown(p) .. shown(q)
  end
  local c = coroutine.wrap(f) local ok, p = pcall(c, 2, 3, special) r[#r + 1] = shown(ok) .. shown(p)
  end ${calls.join(' ')} return table.concat(r, "|")`;
  const shown =
    'local function shown(v) return type(v) == "table" and "{}" or type(v) == "function" and "f" or tostring(v) .. " " end\n';
  return { functions: `${HEAD}local ${names.join(', ')}\n${all.join('\n')}\n${shown}`, body };
}

class Plain {
  constructor(
    private readonly random: Random,
    private readonly name: string,
    private readonly later: readonly string[],
  ) {}

  definition(): string {
    return `function ${this.name}(n, a, b)\nlocal c, d = special, n\n${this.block(2 + this.random.below(6), 0)}\nreturn ${this.values(0)}\nend`;
  }

  private one(choices: readonly string[]): string {
    return choices[this.random.below(choices.length)];
  }

  private block(statements: number, depth: number): string {
    return Array.from({ length: statements }, () => this.statement(depth)).join('\n');
  }

  private statement(depth: number): string {
    const inner = () => this.block(1 + this.random.below(3), depth + 1);
    switch (this.random.below(depth >= DEEPEST ? 7 : 14)) {
      case 0:
      case 1:
      case 2:
        return `${this.one(LOCALS)} = ${this.expression(depth)}`;
      case 3:
        return `${this.one(LOCALS)}, ${this.one(LOCALS)} = ${this.values(depth)}`;
      case 4:
        return `${this.one(['up', 'down'])} = ${this.expression(depth)}`;
      case 5:
        return `${this.call(depth)}`;
      case 6:
        return `list.${this.one(['x', 'y', 'z'])} = ${this.expression(depth)}`;
      case 7:
        return `if ${this.condition(depth)} then\n${inner()}\nelse\n${inner()}\nend`;
      case 8:
        return `for i = ${this.one(['1', '3', '0.5', 'a'])}, ${this.random.below(6)}, ${this.one(['1', '-1', '0.5', 'n'])} do\n${inner()}\nif i > 9 then break end\nend`;
      case 9:
        return `for k, v in ${this.one(['pairs', 'ipairs', 'next,'])} ${this.one(['(list)', '(b)', '({ 1, 2, x = 3 })'])} do\n${inner()}\nend`;
      case 10:
        return `local w = 0 while w < ${this.random.below(5)} and ${this.condition(depth)} do\nw = w + 1\n${inner()}\nend`;
      case 11:
        return `if n > 0 then ${this.one(LOCALS)} = ${this.name}(n - 1, ${this.expression(depth)}) end`;
      case 12:
        return `if n > 0 and ${this.condition(depth)} then return ${this.name}(n - 1, ${this.values(depth)}) end`;
      default:
        return `if ${this.condition(depth)} then return ${this.values(depth)} end`;
    }
  }

  private values(depth: number): string {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.expression(depth)).join(', ');
  }

  private condition(depth: number): string {
    return `${this.operand(depth + 1)} ${this.one([...COMPARISONS, 'and', 'or'])} ${this.operand(depth + 1)}`;
  }

  private call(depth: number): string {
    const values = Array.from({ length: this.random.below(4) }, () => this.expression(depth + 1)).join(', ');
    if (this.later.length > 0 && this.random.below(2) === 0)
      return `${this.one(this.later)}(0, ${values === '' ? 'a' : values})`;
    return `${this.one([...NATIVES, 'special', 'a'])}(${values})`;
  }

  private expression(depth: number): string {
    const inner = () => this.expression(depth + 1);
    switch (this.random.below(depth >= DEEPEST ? 4 : 14)) {
      case 0:
        return this.one(this.random.below(4) === 0 ? OTHERS : NUMBERS);
      case 1:
      case 2:
        return this.one([...LOCALS, 'n']);
      case 3:
        return this.one(['up', 'down', 'special', 'list', 'list.x', 'special.x', 'b.x', 'list[1]', 'list.y.x']);
      case 4:
      case 5:
      case 6:
        return `(${this.operand(depth)} ${this.one(BINARY)} ${this.operand(depth)})`;
      case 7:
        return `(${this.one(['-', '-', '-', 'not ', '~'])}${this.operand(depth)})`;
      case 8:
        return `(${this.condition(depth)})`;
      case 9:
        return `{ ${this.values(depth + 1)}, x = ${inner()} }`;
      case 10:
        return `(${this.one(['list', 'special', 'a', 'b'])})[${inner()}]`;
      case 11:
        return `(#${this.one(['list', 'special', '"abc"', 'a'])})`;
      default:
        return this.call(depth);
    }
  }

  /** Mostly a value with which one can compute, so that a function gets beyond its first lines. */
  private operand(depth: number): string {
    const kind = this.random.below(8);
    if (kind === 0) return this.expression(depth + 1);
    if (kind < 4 && depth < DEEPEST)
      return `(${this.operand(depth + 1)} ${this.one(BINARY)} ${this.operand(depth + 1)})`;
    return this.one([...NUMBERS, 'n', 'n', 'special', 'special.x', `floor(${this.one(NUMBERS)})`]);
  }
}
