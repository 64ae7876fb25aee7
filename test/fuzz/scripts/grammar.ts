// Random Lua: statements and expressions over few names, with every library, with loops, functions, coroutines, errors and writes to the
// object. Most scripts soon raise an error, which is intended.

import type { Random } from '../../bench/load/random.js';

const NUMBERS = [
  '0',
  '1',
  '-1',
  '0.5',
  '2^31',
  '2^53',
  '2^63',
  '-2^63',
  '1e308',
  'math.huge',
  '0/0',
  '3',
  '7',
  '100',
  '-0.0',
];
const STRINGS = [
  '""',
  '"a"',
  '"k1"',
  '"%d"',
  '"[a-c]+"',
  '"(a*)(.-)%1"',
  '"%bxy"',
  '"%f[%w]"',
  '"\\0\\255"',
  '"12"',
  '"[1,{}]"',
  '"*t"',
  '"%c %Z"',
  '"shared"',
];
const NAMES = [
  ...['a', 'b', 'c', 'self', 'args', 'call', 'kept', 'self.t', 'kept.x', 'a.x', 'nothing'],
  ...['shared', 'shared.x', 'shared.f', 'call.config', 'call.config.list'],
];
const FUNCTIONS = [
  'type tostring tonumber select error assert next pairs ipairs rawget rawset rawlen rawequal getmetatable setmetatable pcall xpcall unpack print require',
  'string.find string.match string.gmatch string.gsub string.sub string.byte string.char string.rep string.len string.format string.upper string.reverse',
  'table.concat table.insert table.remove table.move table.pack table.unpack table.sort math.floor math.max math.random math.fmod math.ult',
  'os.time os.date coroutine.create coroutine.wrap coroutine.resume coroutine.yield coroutine.status coroutine.running',
  'object.count object.has object.delete object.clear object.join json.encode json.decode json.array call.open call.log call.expire call.pin call.unpin call.abandon',
  'call.exists call.create call.remove call.invoke call.value call.setValue call.deleteValue',
].flatMap((names) => names.split(' '));
const BINARY = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '^',
  '..',
  '==',
  '~=',
  '<',
  '<=',
  'and',
  'or',
  '&',
  '|',
  '~',
  '<<',
  '>>',
];
const EVENTS = [
  'index',
  'newindex',
  'call',
  'add',
  'concat',
  'eq',
  'lt',
  'le',
  'len',
  'tostring',
  'pairs',
  'unm',
  'name',
  'metatable',
];
const DEEPEST = 4;

export function body(random: Random): string {
  return new Grammar(random).block(3 + random.below(8), 0);
}

class Grammar {
  constructor(private readonly random: Random) {}

  block(statements: number, depth: number): string {
    return Array.from({ length: statements }, () => this.statement(depth)).join(' ');
  }

  private one(choices: readonly string[]): string {
    return choices[this.random.below(choices.length)];
  }

  private name(): string {
    return this.one(NAMES);
  }

  private statement(depth: number): string {
    const inner = () => this.block(1 + this.random.below(3), depth + 1);
    const kind = this.random.below(depth >= DEEPEST ? 8 : 20);
    switch (kind) {
      case 0:
      case 1:
        return `local ${this.one(['a', 'b', 'c'])} = ${this.expression(depth)};`;
      case 2:
        return `self[${this.expression(depth)}] = ${this.expression(depth)};`;
      case 3:
        return `self.k${this.random.below(20)} = ${this.expression(depth)};`;
      case 4:
        return `${this.name()}.x = ${this.expression(depth)};`;
      case 5:
      case 6:
        return `local ${this.one(['a', 'b', 'c'])} = ${this.call(depth)};`;
      case 7:
        return `pcall(function(...) ${depth < DEEPEST ? inner() : 'error("x")'} end, ${this.expression(depth)});`;
      case 8:
        return `for i = ${this.one(NUMBERS)}, ${this.one(NUMBERS)}, ${this.one(['1', '-1', '0.5', '2^31'])} do ${inner()} end`;
      case 9:
        return `for i = 1, ${this.random.below(200)} do ${inner()} end`;
      case 10:
        return `for k, v in ${this.one(['pairs', 'ipairs', 'next,'])} ${this.parenthesised(depth)} do ${inner()} end`;
      case 11:
        return `while ${this.expression(depth)} do ${inner()} ${this.random.below(3) > 0 ? 'break' : ''} end`;
      case 12:
        return `if ${this.expression(depth)} then ${inner()} else ${inner()} end`;
      case 13:
        return `do local f = ${this.func(depth)} a = f(${this.expression(depth)}, ${this.expression(depth)}) end`;
      case 14:
        return `do local c = coroutine.wrap(function(...) ${inner()} coroutine.yield(...) ${inner()} end) pcall(c, 1) pcall(c) pcall(c) end`;
      case 15:
        return `do local t = ${this.table(depth)} setmetatable(t, { __${this.one(EVENTS)} = ${this.expression(depth)}, __${this.one(EVENTS)} = ${this.func(depth)} }) a = t end`;
      case 16:
        return `kept.${this.one(['x', 'y'])} = ${this.expression(depth)};`;
      case 17:
        return `do local s = ${this.one(STRINGS)} for i = 1, ${this.random.below(24)} do s = s .. s end a = s end`;
      case 18:
        return `xpcall(function() ${inner()} end, ${this.func(depth)});`;
      default:
        return this.random.below(4) === 0 ? `do return ${this.expression(depth)} end` : `object.clear(self)`;
    }
  }

  private parenthesised(depth: number): string {
    return `(${this.random.below(2) === 0 ? this.name() : this.expression(depth)})`;
  }

  private func(depth: number): string {
    if (depth >= DEEPEST) return this.one(FUNCTIONS);
    // Functions without `...` are compiled to JavaScript when they are called often.
    if (this.random.below(2) === 0)
      return `function(a, b) ${this.block(1 + this.random.below(4), depth + 1)} return ${this.expression(depth + 1)} end`;
    return `function(a, b, ...) ${this.block(1 + this.random.below(2), depth + 1)} return ${this.expression(depth + 1)}, ... end`;
  }

  /** Other objects, methods and values, most of which exist. */
  private composition(depth: number): string {
    const type = this.one(['"t"', '"u"', '"v"', '"w"']);
    const key = this.one(['"k"', '"k1"', '"k2"', 'call.key', this.expression(depth + 1)]);
    const other = `${type}, ${key}`;
    const value = this.one(['"plain"', '"u$k1"', '"t$k"', key]);
    switch (this.random.below(8)) {
      case 0:
        return `call.open(${other}, ${this.one(['"read"', '"write"', '"upsert"'])})`;
      case 1:
        return `call.create(${other})`;
      case 2:
        return this.one(['call.remove()', `call.remove(${other})`, `call.exists(${other})`]);
      case 3:
        return `call.value(${value})`;
      case 4:
        return `call.setValue(${value}, ${this.expression(depth + 1)})`;
      case 5:
        return `call.deleteValue(${value})`;
      default: {
        const method = this.one(['"put"', '"put"', '"get"', '"get"', '"pass"', '"back"', '"run"', '"new"', '"fail"']);
        const args = this.one([
          '',
          ', nil',
          ', {}',
          `, { value = ${this.expression(depth + 1)} }`,
          ', { value = self }',
        ]);
        return `call.invoke(${type}, ${method}, ${key}${args})`;
      }
    }
  }

  private call(depth: number): string {
    if (depth < DEEPEST && this.random.below(8) === 0) return this.composition(depth);
    const values = Array.from({ length: this.random.below(4) }, () => this.expression(depth + 1));
    return `${this.one(FUNCTIONS)}(${values.join(', ')})`;
  }

  private table(depth: number): string {
    const fields = Array.from({ length: this.random.below(5) }, () => this.expression(depth + 1));
    return `{ ${fields.join(', ')}${fields.length > 0 ? ', ' : ''}x = ${this.expression(depth + 1)} }`;
  }

  private expression(depth: number): string {
    const kind = this.random.below(depth >= DEEPEST ? 5 : 13);
    switch (kind) {
      case 0:
        return this.one(NUMBERS);
      case 1:
        return this.one(STRINGS);
      case 2:
      case 3:
        return this.name();
      case 4:
        return this.one(['nil', 'true', 'false', 'json.null', ...FUNCTIONS]);
      case 5:
      case 6:
        return `(${this.expression(depth + 1)} ${this.one(BINARY)} ${this.expression(depth + 1)})`;
      case 7:
        return `(${this.one(['-', 'not ', '#', '~'])}${this.expression(depth + 1)})`;
      case 8:
      case 9:
        return this.call(depth);
      case 10:
        return this.table(depth);
      case 11:
        return this.func(depth);
      default:
        return `(${this.name()})[${this.expression(depth + 1)}]`;
    }
  }
}
