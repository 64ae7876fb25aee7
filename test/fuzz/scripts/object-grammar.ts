// Random statements and expressions of Lua for functions of objects. Most expressions are of the type that is wanted, and most calls of natives are protected,
// so that a function gets beyond its first lines. Which functions these are, and how they are called: object-functions.ts.

import type { Random } from '../../bench/load/random.js';

const DEEPEST = 3;
/** Of a hundred expressions, those of any type where one type is expected. */
const WILD = 4;
// biome-ignore format: words
const ANY = [
  'a', 'b', 'c', 'd', 'a', 'b', 'n', 's', 't', 'up', 'text', 'special', 'me', 'host', 'nothing', 'nil', 'true', 'false', 'kept',
];
// biome-ignore format: words
const FIELDS = [
  'x', 'y', '__proto__', 'constructor', '__index', 'prototype', 'l', 'toString', '__gc', 'm',
];
// biome-ignore format: words
const NUMBERS = [
  '0', '1', '2', '3', '-1', '7', '0.5', '-0.0', '0/0', '1/0', '-1/0', '1e308', '-1e308', '5e-324', '2^53', '2^53+1', '2^63', '-2^63',
  '0x7fffffff', '0xffffffff', '2^31', '-2^31', '1e15', '1e21', '1e100', '0.1', '255', '64', '-64', '1e-7', '0x.8p1', '"12"', '" 0x10 "',
  'n', 'n', 'n', 'n', 'i', 'i', '#list', '#s', '#text', '(tonumber(a) or 1)', '(tonumber(b) or 4)', '(me.x or 3)', '#t', 'special',
];
// biome-ignore format: words
const TEXTS = [
  '""', '"a"', '"12"', '" 0x10 "', '"1e5"', '"x"', '"y"', '"l"', '"nan"', '"a\'b\\"c\\\\d"', '"\\226\\128\\168"', '"\\0\\255"',
  '"__proto__"', '"constructor"', '"\\36{r0}"', '"*/ //"', '("k"):rep(40)', '("k"):rep(70)', '"-0"', '"inf"', 's', 's', 'text', 'text',
];
// biome-ignore format: words
const TABLES = [
  'list', 'list', 'special', 'me', 'me', 'me.l', 't', 't', 't', '{}', 'list.l', 'setmetatable({ 4, 5 }, meta)',
];
// biome-ignore format: words
const ARITHMETIC = [
  '+', '-', '*', '/', '//', '%', '^', '+', '-', '*',
];
// biome-ignore format: words
const BITS = [
  '&', '|', '~', '<<', '>>',
];
// biome-ignore format: words
const COMPARISONS = [
  '==', '~=', '<', '<=', '>', '>=',
];
// biome-ignore format: words
const OF_NUMBERS = [
  'floor', 'math.max', 'math.min', 'math.ceil', 'math.abs', 'math.sqrt', 'tonumber', 'tostring', 'math.modf', 'math.type',
];
// biome-ignore format: words
const OF_TWO = [
  'math.max', 'math.min', 'math.fmod', 'math.pow', 'rawequal', 'math.max',
];
// biome-ignore format: words
const OF_TEXTS = [
  'string.len', 'string.upper', 'string.byte', 'string.reverse', 'string.find', 'string.format', 'tonumber', 'string.sub',
];
// biome-ignore format: words
const OF_TABLES = [
  'next', 'ipairs', 'pairs', 'rawlen', 'unpack', 'table.concat', 'table.remove', 'table.sort', 'object.count', 'object.join',
  'json.encode', 'getmetatable',
];
// biome-ignore format: words
const OF_ANY = [
  'tostring', 'type', 'select', 'assert', 'error', 'keep', 'plus', 'coroutine.yield', 'coroutine.running', 'rawequal', 'json.decode',
  'kept', 'nothing',
];
// biome-ignore format: words
const METHODS = [
  'rep(2)', 'len()', 'sub(1, 3)', 'sub(2)', 'len()', 'byte(1)', 'upper()', 'format(n)', 'find("a")', 'gsub("a", tostring)', 'nothing()',
];
// biome-ignore format: words
const CALLED = [
  'm(a, b)', 'm()', 'm(1, plus(2, 3))',
];
// biome-ignore format: words
const OBJECTS = [
  'object.ordered(me, "o"):set("a", n)', 'object.ordered(me, "o"):first()', 'object.ordered(me, "o"):range(1, -1)',
  'object.bytes(me, "s", 8):setU8(1, 300)', 'object.bytes(me, "s", 8):getU8(n)', 'object.bytes(me, "s"):read()', 'object.add(me, "c", n)',
  'object.splice(me.l, 1, 1, n)', 'object.delete(me, s)', 'object.has(me, s)', 'table.insert(me.l, s)', 'table.remove(me.l)',
  'table.concat(me.l, ",")', 'object.count(me)', 'object.clear(me.l)', 'host.key', 'host.isNew', 'host.existed', 'host.exists("t", "k")',
  'host:invoke("t", "show", "k")', 'host.invoke("t", "back", "o")', 'host.open("t", "o", "upsert")', 'host:setValue("plain", s)',
  'host.value("plain")', 'host.expire(100)', 'host.ttl',
];

/** A function that calls only `later` ones, or itself with a smaller number, so that it ends. */
export function definitionOf(random: Random, name: string, later: readonly string[]): string {
  return new Writer(random, name, later).definition();
}

class Writer {
  #labels = 0;

  constructor(
    private readonly random: Random,
    private readonly name: string,
    private readonly later: readonly string[],
  ) {}

  definition(): string {
    const many = this.random.below(8) === 0 ? `local ${names('v', 60)} = ${this.values(0)}\n` : '';
    const check = this.random.below(4) > 0 ? 'if type(n) ~= "number" then n = 1 end\n' : '';
    const start = 'local c, d, s, t = special, n, "s", { 1, 2, 3, x = 4 }\n';
    return `function ${this.name}(n, a, b)\n${start}${check}${many}${this.block(3 + this.random.below(8), 0)}\n${this.ending()}\nend`;
  }

  private ending(): string {
    return this.random.below(4) === 0 && this.later.length > 0
      ? `return ${this.one(this.later)}(0, ${this.values(0)})`
      : `return ${this.values(0)}`;
  }

  private one(choices: readonly string[]): string {
    return choices[this.random.below(choices.length)];
  }

  private block(statements: number, depth: number): string {
    return Array.from({ length: statements }, () => this.statement(depth)).join('\n');
  }

  private statement(depth: number): string {
    const inner = () => this.block(1 + this.random.below(3), depth + 1);
    const local = () => this.one(['a', 'b', 'c', 'd']);
    const bound = () => this.one(['1', '3', '0.5', 'n', '"2"', '-1', '1/0', '0/0', '2^53', '1e308', '-3', '2', '4']);
    const label = `l${this.#labels++}`;
    switch (this.random.below(depth >= DEEPEST ? 12 : 24)) {
      case 0:
        return `${local()} = ${this.any(depth)}`;
      case 1:
        return `n = ${this.number(depth)}`;
      case 2:
        return `s = ${this.text(depth)}`;
      case 3:
        return `t = ${this.table(depth)}`;
      case 4:
        return `${local()}, ${this.place(depth)}, ${local()} = ${this.values(depth)}`;
      case 5:
        return this.one([
          `up = ${this.any(depth)}`,
          `text = ${this.text(depth)}`,
          `i = ${this.number(depth)}`,
          `kept = ${this.callee()}`,
        ]);
      case 6:
      case 7:
        return `${this.place(depth)} = ${this.any(depth)}`;
      case 8:
      case 9:
        return this.call(depth);
      case 10:
        return `local ${this.one(['a', 'x'])}, b = ${this.values(depth)}`;
      case 11:
        return `me.${this.one(['x', 'y', 'l', 't'])} = ${this.random.below(2) === 0 ? this.number(depth) : this.text(depth)}`;
      case 12:
      case 13:
        return `if ${this.condition(depth)} then\n${inner()}\nelseif ${this.condition(depth)} then\n${inner()}\nelse\n${inner()}\nend`;
      case 14:
        return `do local m = 0 for j = ${bound()}, ${bound()}, ${this.one(['1', '-1', '0.5', '"1"', bound()])} do
m = m + 1 if m > 4 then break end\nd = j\n${inner()}\nend end`;
      case 15:
        return `for k, v in ${this.one(['pairs(list)', 'pairs(me)', 'ipairs(me.l)', 'next, list', 'step, 3, 0', '("a1b"):gmatch("%w")', `pairs(${this.table(depth)})`])} do
c, d = k, v\n${inner()}\nif d == 4 then break end\nend`;
      case 16:
        return `do local w = 0 repeat w = w + 1\nif ${this.condition(depth)} then goto ${label} end\ndo ${inner()} end\n::${label}:: until w > ${this.random.below(4)} end`;
      case 17:
        return `if type(n) == "number" and n > 0 then ${local()}, ${local()} = ${this.name}(n < 3 and n - 1 or 2, ${this.values(depth)}) end`;
      case 18:
        return `if type(n) == "number" and n > 0 and n < 9 and ${this.condition(depth)} then return ${this.name}(n - 1, ${this.values(depth)}) end`;
      case 19:
        return `if ${this.condition(depth)} then return ${this.values(depth)} end`;
      case 20:
        return `if ${this.condition(depth)} then error(${this.one(['"e"', '{ code = a }', 'a', 'nil', '"e", 2', '"e", 0'])}) end`;
      case 21:
        return this.one([
          `${local()}, ${local()} = pcall(${this.callee()}, 0, ${this.values(depth)})`,
          `${local()}, ${local()} = xpcall(${this.callee()}, handler, 0, ${this.values(depth)})`,
          `${local()}, ${local()} = coroutine.resume(coroutine.create(${this.callee()}), 0, ${this.values(depth)})`,
          `${local()}, ${local()} = via(${this.callee()}, 0, ${this.values(depth)})`,
        ]);
      case 22:
        return `do local q = "" for j = 1, ${this.random.below(90)} do q = q .. j .. ${this.one(['"."', 'n', 'j', '""', 's'])} end s = q end`;
      default:
        return `do local ${names('w', 3)}, ${names('z', 20 + this.random.below(20))} = ${this.call(depth)}\na, b = w1, z0 end`;
    }
  }

  private place(depth: number): string {
    const key =
      this.random.below(2) === 0
        ? `.${this.one(FIELDS)}`
        : `[${this.random.below(2) === 0 ? this.text(depth + 1) : 'n'}]`;
    return `${this.one(['list', 'special', 'me', 't', 't', 't'])}${key}`;
  }

  private values(depth: number): string {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.any(depth)).join(', ');
  }

  private condition(depth: number): string {
    switch (this.random.below(6)) {
      case 0:
        return this.any(depth + 1);
      case 1:
        return `type(${this.one(ANY)}) == ${this.one(['"number"', '"table"', '"nil"'])}`;
      case 2:
        return `${this.any(depth + 1)} ${this.one(['==', '~='])} ${this.any(depth + 1)}`;
      case 3:
        return `${this.text(depth + 1)} ${this.one(COMPARISONS)} ${this.text(depth + 1)}`;
      default:
        return `${this.number(depth + 1)} ${this.one(COMPARISONS)} ${this.number(depth + 1)}`;
    }
  }

  /** A function that ends: a later one, or a native. */
  private callee(): string {
    return this.later.length > 0 && this.random.below(4) > 0
      ? this.one(this.later)
      : this.one([...OF_ANY, ...OF_TABLES]);
  }

  /** Mostly protected, so that a function gets beyond its first calls. */
  private native(name: string, values: string): string {
    return this.random.below(6) === 0 ? `${name}(${values})` : `pcall(${name}${values === '' ? '' : `, ${values}`})`;
  }

  private call(depth: number): string {
    const values = this.random.below(5) === 0 ? '' : this.values(depth + 1);
    switch (this.random.below(12)) {
      case 0:
        return this.random.below(2) === 0
          ? `${this.one(OF_NUMBERS)}(${this.number(depth + 1)})`
          : `${this.one(OF_TWO)}(${this.number(depth + 1)}, ${this.number(depth + 1)})`;
      case 1:
        return this.native(
          this.one(OF_TEXTS),
          `${this.text(depth + 1)}${this.random.below(2) === 0 ? '' : `, ${this.number(depth + 1)}`}`,
        );
      case 2:
        return this.native(this.one(OF_TABLES), this.table(depth + 1));
      case 3:
        return this.native(this.one(OF_ANY), values);
      case 4:
        return `(${this.text(depth + 1)}):${this.one(METHODS)}`.replace(/^\((\w+)\)/, '$1').replace(/^\(/, 'plus(');
      case 5:
        return `${this.random.below(9) === 0 ? this.one(['a', 'me', 't', 's', 'n']) : 'list'}:${this.one(CALLED)}`;
      case 6:
      case 7:
        return `plus(${this.one(OBJECTS)})`;
      case 8:
        return `${this.random.below(9) === 0 ? this.one(['a', 'b', 'n', 's']) : this.one(['special', 'plus', 'via', 'pcall'])}(${this.one(['type', 'plus'])}${values === '' ? '' : `, ${values}`})`;
      default:
        return this.native(this.callee(), `0${values === '' ? '' : `, ${values}`}`);
    }
  }

  private any(depth: number): string {
    const inner = () => this.any(depth + 1);
    switch (this.random.below(depth >= DEEPEST ? 5 : 15)) {
      case 0:
        return this.number(depth);
      case 1:
        return this.text(depth);
      case 2:
        return this.table(depth);
      case 3:
      case 4:
        return this.one(ANY);
      case 5:
        return `(${inner()} ${this.one(['and', 'or'])} ${inner()})`;
      case 6:
        return `(not ${inner()})`;
      case 7:
        return `(${this.condition(depth)})`;
      case 8:
        return `${this.one(['t', 'list', 'special', 'me'])}.${this.one(FIELDS)}`;
      case 9:
        return `${this.one(['t', 'list', 'special', 'me'])}[${inner()}]`;
      case 10:
        return `(${this.call(depth)})`;
      default:
        return this.call(depth);
    }
  }

  private number(depth: number): string {
    if (this.random.below(100) < WILD) return this.any(depth + 1);
    if (depth >= DEEPEST) return this.one(NUMBERS);
    const inner = () => this.number(depth + 1);
    switch (this.random.below(9)) {
      case 0:
      case 1:
      case 2:
        return `(${inner()} ${this.one(ARITHMETIC)} ${inner()})`;
      case 3:
        return `(floor(n % 99) ${this.one(BITS)} ${this.one(['3', '255', '2^40', 'floor(i % 9)', '#s', inner()])})`;
      case 4:
        return `(- ${inner()})`;
      default:
        return this.one(NUMBERS);
    }
  }

  private text(depth: number): string {
    if (this.random.below(100) < WILD) return this.any(depth + 1);
    if (depth >= DEEPEST || this.random.below(2) === 0) return this.one(TEXTS);
    const [left, right] = [
      this.text(depth + 1),
      this.random.below(2) === 0 ? this.text(depth + 1) : this.number(depth + 1),
    ];
    return this.one([
      `(${left} .. ${right})`,
      `tostring(${right})`,
      `type(${right})`,
      `(${left} .. ${right} .. ${this.one(TEXTS)} .. n)`,
    ]);
  }

  private table(depth: number): string {
    if (this.random.below(100) < WILD) return this.any(depth + 1);
    if (depth >= DEEPEST || this.random.below(3) > 0) return this.one(TABLES);
    return `{ ${this.values(depth + 1)}, [${this.one(['"x"', '1', '2.5', '"__proto__"', 's'])}] = ${this.any(depth + 1)}, ${this.call(depth)} }`;
  }
}

function names(letter: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${letter}${index}`).join(', ');
}
