// Objects that another version of their type has written, in both languages: each type is replaced by its next version, as when a file is saved.

import { describe, expect, test } from 'vitest';
import { latin1, writeLatin1 } from '../../../src/base/latin1.js';
import { loadLuaType } from '../../../src/languages/lua/host/lua-type.js';
import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method, type Table } from '../../../src/objects/types/object-type.js';
import { CallHarness, type HarnessOptions } from '../call-harness.js';
import { after, originalType, typeOf } from '../types-for-tests.js';

const text = { type: 'string' } as const;

/** Version 1 keeps `name`, version 2 `first` and `last`, version 3 also how often the object was migrated. */
function migrate(self: Table, from: number): void {
  if (self.has('endless')) for (;;) self.set('endless', 1);
  if (from < 2) {
    const [first, last] = String(self.get('name')).split(' ');
    self.set('first', first);
    self.set('last', last);
    self.delete('name');
  }
  if (self.has('bad')) throw new Error('bad content');
  self.add('migrations', 1);
}

const inTypeScript = (version: number, name = 't'): LoadedType =>
  typeOf(
    name,
    {
      new: method({
        access: 'create',
        parameters: { name: text },
        run: (self, args) => after(self.set('name', args.name), 'made'),
      }),
      make: method({ access: 'create', run: (self) => after(self.set('first', 'new'), 'made') }),
      mark: method({
        access: 'write',
        parameters: { key: text },
        run: (self, { key }) => after(self.set(key, true), 'marked'),
      }),
      dump: method({ access: 'read', run: (self) => self }),
      first: method({ access: 'read', run: (self) => self.get('first') }),
      rename: method({
        access: 'write',
        parameters: { first: text },
        run: (self, { first }) => after(self.set('first', first), 'renamed'),
      }),
      touch: method({
        access: 'upsert',
        run: (self, _args, call) => after(self.set('touched', true), String(call.isNew)),
      }),
      fails: method({
        access: 'write',
        run(self) {
          self.set('first', 'lost');
          throw new Error('on purpose');
        },
      }),
      other: method({
        access: 'write',
        parameters: { type: text, key: text },
        run(self, { type, key }, call) {
          self.set('opens', key);
          const other = call.open(type, key);
          return `${other?.get('first')} ${self.get('opens')} ${call.key}`;
        },
      }),
      change: method({
        access: 'read',
        parameters: { type: text, key: text },
        run(_self, { type, key }, call) {
          call.open(type, key)?.get('first');
          call.open(type, key, 'write')?.set('first', 'changed');
          return call.open(type, key)?.get('first') as string;
        },
      }),
      through: method({
        access: 'write',
        parameters: { type: text, key: text },
        run: (_self, { type, key }, call) =>
          `${call.invoke(type, 'first', key)} ${call.invoke(type, 'touch', `${key}2`)} ${call.key}`,
      }),
      makes: method({
        access: 'write',
        parameters: { type: text },
        run(_self, { type }, call) {
          call.create(type, 'created').set('first', 'c');
          call.open(type, 'opened', 'upsert').set('first', 'o');
          return 'made';
        },
      }),
      catches: method({
        access: 'write',
        parameters: { key: text },
        run(self, { key }, call) {
          try {
            call.open(name, key);
          } catch {
            self.set('caught', true);
          }
          return 'caught';
        },
      }),
    },
    `plugins/${name}.ts`,
    version === 1 ? {} : { version, migrate },
  );

const inLua = (version: number, name = 't'): LoadedType =>
  loadLuaType(
    Buffer.from(`
local function write(run, ...) return { access = "write", run = run, parameters = { ... } } end
local function read(run, ...) return { access = "read", run = run, parameters = { ... } } end
local function text(name) return { name = name, type = "string" } end
return { name = "${name}", ${
      version === 1
        ? ''
        : `version = ${version}, migrate = function(self, from)
    if self.endless then while true do self.endless = true end end
    if from < 2 then
      local first, last = self.name:match("(%S+) (%S+)")
      self.first = first
      self.last = last
      self.name = nil
    end
    if self.bad then error("bad content") end
    object.add(self, "migrations", 1)
  end,`
    } methods = {
  new = { access = "create", parameters = { text("name") }, run = function(self, args) self.name = args.name return "made" end },
  make = { access = "create", run = function(self) self.first = "new" return "made" end },
  mark = write(function(self, args) self[args.key] = true return "marked" end, text("key")),
  dump = read(function(self) return self end),
  first = read(function(self) return self.first end),
  rename = write(function(self, args) self.first = args.first return "renamed" end, text("first")),
  touch = { access = "upsert", run = function(self, args, call) self.touched = true return tostring(call.isNew) end },
  fails = write(function(self) self.first = "lost" error("on purpose") end),
  other = write(function(self, args, call)
    self.opens = args.key
    local open = coroutine.wrap(function() return call.open(args.type, args.key).first end)
    local first = open()
    return first .. " " .. self.opens .. " " .. call.key
  end, text("type"), text("key")),
  change = read(function(self, args, call)
    local first = call.open(args.type, args.key).first
    call.open(args.type, args.key, "write").first = "changed"
    return call.open(args.type, args.key).first
  end, text("type"), text("key")),
  through = write(function(self, args, call)
    local first = call.invoke(args.type, "first", args.key)
    return first .. " " .. call.invoke(args.type, "touch", args.key .. "2") .. " " .. call.key
  end, text("type"), text("key")),
  makes = write(function(self, args, call)
    call.create(args.type, "created").first = "c"
    call.open(args.type, "opened", "upsert").first = "o"
    return "made"
  end, text("type")),
  catches = write(function(self, args, call)
    if not pcall(call.open, "${name}", args.key) then self.caught = true end
    return "caught"
  end, text("key")),
} }`),
    `scripts/${name}.lua`,
  );

const LANGUAGES: readonly (readonly [language: string, make: (version: number, name?: string) => LoadedType])[] = [
  ['TypeScript', inTypeScript],
  ['Lua', inLua],
];

function withoutPlace(reply: string): string {
  return reply.replace(/[a-z]\.lua:\d+: /, '');
}

class Migrating extends CallHarness {
  constructor(
    private readonly make: (version: number) => LoadedType,
    version: number,
    options?: HarnessOptions,
  ) {
    super([make(version)], options);
  }

  load(version: number): void {
    this.registry.install(this.make(version));
  }

  /** The reply without the place in a script. */
  ask(key: string): string {
    return withoutPlace(this.get(key));
  }

  /** The content of the object as a plain get shows it. */
  shown(key: string): string {
    const { at } = this.arena.windows(0).input;
    writeLatin1(key, this.arena.bytes, at);
    const { value } = this.calls.content(at, key.length);
    return withoutPlace(typeof value === 'string' ? value : latin1(value, 0, value.length));
  }

  get migrations(): number {
    return this.figures('object_migrations')[0];
  }
}

describe.each(LANGUAGES)('an object of an older version of its type in %s', (_language, make) => {
  test.each([
    ['read', 't:first:k', 'ann', '{"first":"ann","last":"lee","migrations":1}'],
    ['write', 't:rename:k:bea', 'renamed', '{"first":"bea","last":"lee","migrations":1}'],
    ['upsert', 't:touch:k', 'false', '{"first":"ann","last":"lee","migrations":1,"touched":true}'],
  ])('is migrated before a method with the access %s runs, and stays so', (_access, call, reply, content) => {
    const calls = new Migrating(make, 1);
    expect(calls.ask('t:new:k:ann lee')).toBe('made');
    calls.load(2);
    expect(calls.ask(call)).toBe(reply);
    expect(calls.ask('t:dump:k')).toBe(content);
    expect(calls.shown('t$k')).toBe(content);
    expect(calls.migrations).toBe(1);
  });

  test('is migrated once from each version that it skips or passes', () => {
    const calls = new Migrating(make, 1);
    calls.ask('t:new:k:ann lee');
    calls.ask('t:new:other:bob kay');
    calls.load(2);
    expect(calls.ask('t:first:k')).toBe('ann');
    calls.load(3);
    expect(calls.ask('t:dump:k')).toBe('{"first":"ann","last":"lee","migrations":2}');
    expect(calls.ask('t:dump:other')).toBe('{"first":"bob","last":"kay","migrations":1}');
    calls.load(7);
    expect(calls.ask('t:dump:k')).toBe('{"first":"ann","last":"lee","migrations":3}');
    expect(calls.ask('t:dump:k')).toBe('{"first":"ann","last":"lee","migrations":3}');
  });

  test('is none if this version has made it, by a method that creates or by first use', () => {
    const calls = new Migrating(make, 2);
    calls.ask('t:make:k');
    calls.ask('t:touch:new');
    expect(calls.ask('t:dump:k')).toBe('{"first":"new"}');
    expect(calls.ask('t:dump:new')).toBe('{"touched":true}');
    expect(calls.migrations).toBe(0);
    calls.load(3);
    expect(calls.ask('t:dump:new')).toBe('{"touched":true,"migrations":1}');
    // A new object replaces it, whatever its version.
    calls.ask('t:make:new');
    expect(calls.ask('t:dump:new')).toBe('{"first":"new"}');
  });

  test('is as it was when its migration fails, and the error line names the type, the versions and the error', () => {
    const calls = new Migrating(make, 1);
    calls.ask('t:new:k:ann lee');
    calls.ask('t:mark:k:bad');
    calls.load(2);
    const reason = 'migrating t$k from version 1 to 2 failed: bad content';
    for (const name of ['dump', 'touch', 'fails', 'ttl']) {
      expect(calls.ask(`t:${name}:k`)).toBe(`CLIENT_ERROR t:${name}: ${reason}`);
    }
    expect(calls.shown('t$k')).toBe(`t$k: ${reason}`);
    expect(calls.logged.join()).toContain('migrating t$k from version 1 to 2 failed');
    expect(calls.migrations).toBe(0);
    calls.load(1);
    expect(calls.ask('t:dump:k')).toBe('{"name":"ann lee","bad":true}');
  });

  test('is as it was when the method fails after its migration', () => {
    const calls = new Migrating(make, 1);
    calls.ask('t:new:k:ann lee');
    calls.load(2);
    expect(calls.ask('t:fails:k')).toBe('CLIENT_ERROR t:fails: on purpose');
    calls.load(1);
    expect(calls.ask('t:dump:k')).toBe('{"name":"ann lee"}');
  });

  test('is as it was when its migration exceeds the budget of the call', () => {
    const calls = new Migrating(make, 1, { budget: { steps: 10_000 } });
    calls.ask('t:new:k:ann lee');
    calls.ask('t:mark:k:endless');
    calls.load(2);
    const reason = 'migrating t$k from version 1 to 2 failed: takes more than 10000 steps';
    expect(calls.ask('t:dump:k')).toBe(`CLIENT_ERROR t:dump: ${reason}`);
    calls.load(1);
    expect(calls.ask('t:dump:k')).toBe('{"name":"ann lee","endless":true}');
  });

  test('is migrated when its content is shown, and the older version then refuses it', () => {
    const calls = new Migrating(make, 1);
    calls.ask('t:new:k:ann lee');
    calls.load(2);
    expect(calls.shown('t$k')).toBe('{"first":"ann","last":"lee","migrations":1}');
    expect(calls.migrations).toBe(1);
    calls.load(1);
    const reason = 't$k has version 2, and the type t only version 1: load its newer file again';
    for (const name of ['dump', 'touch', 'fails', 'ttl', 'expire']) {
      expect(calls.ask(`t:${name}:k${name === 'expire' ? ':5' : ''}`)).toBe(`CLIENT_ERROR t:${name}: ${reason}`);
    }
    expect(calls.ask('t:rename:k:bea')).toBe(`CLIENT_ERROR t:rename: ${reason}`);
    // To see what is there harms nothing.
    expect(calls.shown('t$k')).toBe('{"first":"ann","last":"lee","migrations":1}');
    calls.load(2);
    expect(calls.ask('t:dump:k')).toBe('{"first":"ann","last":"lee","migrations":1}');
  });

  test('is migrated when a script in the style of the original reads it as an item', () => {
    const calls = new Migrating(make, 1);
    calls.ask('t:new:k:ann lee');
    calls.load(2);
    calls.registry.install(
      originalType('legacy', {
        go: (_self, _args, call) => {
          const bytes = call.items.get('t$k')?.bytes ?? new Uint8Array(0);
          call.reply.text(latin1(bytes, 0, bytes.length));
          return undefined;
        },
      }),
    );
    expect(calls.get('legacy:go:x')).toBe('{"first":"ann","last":"lee","migrations":1}');
    expect(calls.migrations).toBe(1);
  });

  test('keeps its expiry', () => {
    const calls = new Migrating(make, 1);
    calls.get('t:new:k:ann lee', 100);
    calls.load(2);
    calls.advance(10);
    expect(calls.ask('t:first:k')).toBe('ann');
    expect(calls.ask('t:ttl:k')).toBe('90');
    calls.advance(91);
    expect(calls.ask('t:dump:k')).toBe('END');
  });

  test('takes no more memory than an object of a type without a version', () => {
    const usedBy = (version: number) => {
      const calls = new Migrating(make, version);
      const before = calls.store.usedBytes;
      for (let index = 0; index < 50; index++) calls.ask(`t:make:key${index}`);
      return calls.store.usedBytes - before;
    };
    expect(usedBy(2)).toBe(usedBy(1));
  });
});

describe.each(
  LANGUAGES.flatMap(([caller, make]) => LANGUAGES.map(([opened, other]) => [caller, opened, make, other] as const)),
)('a method in %s that opens an older object of a type in %s', (_caller, _opened, make, other) => {
  function prepared(): Migrating {
    const calls = new Migrating((version) => make(version, 'a'), 1);
    calls.registry.install(other(1, 'b'));
    for (const type of ['a', 'b']) for (const key of ['k', 'l']) calls.ask(`${type}:new:${key}:ann ${key}`);
    calls.load(2);
    calls.registry.install(other(2, 'b'));
    return calls;
  }

  test('sees it migrated, and can go on', () => {
    const calls = prepared();
    expect(calls.ask('a:other:k:b:l')).toBe('ann l k');
    expect(calls.ask('b:dump:l')).toBe('{"first":"ann","last":"l","migrations":1}');
    expect(calls.ask('a:dump:k')).toBe('{"first":"ann","last":"k","migrations":1,"opens":"l"}');
    // One of its own type, while a method of the same script runs.
    expect(calls.ask('a:other:k:a:l')).toBe('ann l k');
    expect(calls.ask('a:dump:l')).toBe('{"first":"ann","last":"l","migrations":1}');
    expect(calls.migrations).toBe(3);
  });

  test('sees it migrated by a method that it calls', () => {
    const calls = prepared();
    expect(calls.ask('a:through:k:b:l')).toBe('ann true k');
    expect(calls.ask('a:through:k:a:k')).toBe('ann true k');
    expect(calls.ask('b:dump:l')).toBe('{"first":"ann","last":"l","migrations":1}');
    expect(calls.ask('b:dump:l2')).toBe('{"touched":true}');
    expect(calls.migrations).toBe(2);
  });

  test('makes others of the version that is loaded', () => {
    const calls = prepared();
    expect(calls.ask('a:makes:k:b')).toBe('made');
    expect(calls.ask('b:dump:created')).toBe('{"first":"c"}');
    expect(calls.ask('b:dump:opened')).toBe('{"first":"o"}');
    expect(calls.migrations).toBe(1);
  });

  test('can change it afterwards, even if it was opened for reading first', () => {
    const calls = prepared();
    expect(calls.ask('a:change:k:b:l')).toBe('changed');
    expect(calls.ask('b:dump:l')).toBe('{"first":"changed","last":"l","migrations":1}');
  });

  test('fails with it if the migration fails', () => {
    const calls = prepared();
    calls.registry.install(other(1, 'b'));
    calls.ask('b:mark:l:bad');
    calls.registry.install(other(2, 'b'));
    expect(calls.ask('a:other:k:b:l')).toBe(
      'CLIENT_ERROR a:other: migrating b$l from version 1 to 2 failed: bad content',
    );
    calls.load(1);
    calls.registry.install(other(1, 'b'));
    expect(calls.ask('a:dump:k')).toBe('{"name":"ann k"}');
    expect(calls.ask('b:dump:l')).toBe('{"name":"ann l","bad":true}');
  });
});

describe.each(LANGUAGES)('a migration in %s', (_language, make) => {
  test.each([1, 3])(
    'that cannot be made ends the call, even if the method catches the error (object of version %i)',
    (version) => {
      const calls = new Migrating(make, 1);
      calls.ask('t:new:k:ann lee');
      calls.load(2);
      calls.ask('t:dump:k');
      calls.load(version === 1 ? 1 : 3);
      calls.ask('t:new:bad:bob kay');
      calls.ask('t:mark:bad:bad');
      calls.load(2);
      const before = calls.shown('t$k');
      expect(calls.ask('t:catches:k:bad')).toMatch(/^CLIENT_ERROR t:catches: (migrating t\$bad|t\$bad has version 3)/);
      expect(calls.shown('t$k')).toBe(before);
    },
  );

  test('of a type is shown with the types', () => {
    const calls = new Migrating(make, 2);
    expect(calls.get('cacheismo:types')).toMatch(/^t .* objects of version 2$/m);
    calls.load(1);
    expect(calls.get('cacheismo:types')).not.toContain('objects of version');
  });
});

describe('a definition is refused', () => {
  const file = 'scripts/t.lua';
  const script = (parts: string) => () =>
    loadLuaType(
      Buffer.from(`return { name = "t", ${parts}, methods = { m = { access = "read", run = function() end } } }`),
      file,
    );
  const plugin = (more: object) => () =>
    typeOf('t', { m: method({ access: 'read', run: () => 1 }) }, file, more as never);
  test.each([
    [
      'with a version but no migrate',
      'version = 2',
      { version: 2 },
      'version 2 needs migrate(self, from), which changes objects of the versions before it',
    ],
    [
      'with migrate but no version',
      'migrate = function() end',
      { migrate: () => {} },
      'migrate needs a version of 2 or more, to which it brings objects',
    ],
    [
      'with a migrate that is no function',
      'version = 2, migrate = 7',
      { version: 2, migrate: 7 },
      'migrate must be a function: migrate(self, from)',
    ],
    [
      'with version 0',
      'version = 0, migrate = function() end',
      { version: 0, migrate: () => {} },
      'version must be >= 1',
    ],
    [
      'with version 8',
      'version = 8, migrate = function() end',
      { version: 8, migrate: () => {} },
      'version must be <= 7',
    ],
    [
      'with a version that is no whole number',
      'version = 2.5, migrate = function() end',
      { version: 2.5, migrate: () => {} },
      'version must be an integer',
    ],
  ])('%s', (_name, lua, more, reason) => {
    expect(script(lua)).toThrow(`${file}:1: ${reason}`);
    expect(plugin(more)).toThrow(`${file}: ${reason}`);
  });

  test('with an async migrate', () => {
    expect(plugin({ version: 2, migrate: async () => {} })).toThrow('migrate must not be async or a generator');
  });
});
