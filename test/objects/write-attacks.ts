// Bodies of methods that change their object endlessly, each in a different way, in one language or both.

export interface WriteAttack {
  readonly lua?: string;
  readonly typescript?: string;
}

/** By their effect; `self` may be packed or spread before. */
export const WRITE_ATTACKS: Readonly<Record<string, WriteAttack>> = {
  'new fields': {
    lua: 'for i = 1, 1e9 do self[i] = i end',
    typescript: 'for (let i = 1; ; i++) self.set(i, i);',
  },
  'new fields with texts': {
    lua: 'for i = 1, 1e9 do self["key" .. i] = "value" .. i end',
    typescript: "for (let i = 1; ; i++) self.set('key' + i, 'value' + i);",
  },
  'new fields with long texts': {
    lua: 'local s = ("x"):rep(20000) for i = 1, 1e9 do self[i] = s end',
    typescript: "const s = 'x'.repeat(20000); for (let i = 1; ; i++) self.set(i, s);",
  },
  'one field': {
    lua: 'while true do self.a = 1 end',
    typescript: "for (;;) self.set('a', 1);",
  },
  'one field, growing': {
    lua: 'self.a = 0 while true do self.a = self.a + 1 end',
    typescript: "for (let i = 1; ; i++) self.set('a', i);",
  },
  'one field with texts of many lengths': {
    lua: 'local n = 0 while true do n = n + 1 self.a = ("x"):rep(n % 900) end',
    typescript: "for (let i = 1; ; i++) self.set('a', 'x'.repeat(i % 900));",
  },
  'one field with two long texts': {
    lua: 'local s, t = ("x"):rep(100000), ("y"):rep(99000) while true do self.a = s self.a = t end',
    typescript: "const [s, t] = ['x'.repeat(1e6), 'y'.repeat(999e3)]; for (;;) { self.set('a', s); self.set('a', t); }",
  },
  'all fields in turn': {
    lua: 'local n = 0 while true do n = n + 1 self["k" .. n % 2000] = n end',
    typescript: "for (let i = 1; ; i++) self.set('k' + (i % 2000), i);",
  },
  'fields deleted and set again': {
    lua: 'while true do self.k1 = nil self.k1 = 1 end',
    typescript: "for (;;) { self.delete('k1'); self.set('k1', 1); }",
  },
  'fields deleted in a walk and set again': {
    lua: 'while true do for k in pairs(self) do self[k] = nil end for i = 1, 2000 do self["k" .. i] = i end end',
    typescript:
      "for (;;) { for (const k of self.keys()) self.delete(k); for (let i = 0; i < 2000; i++) self.set('k' + i, i); }",
  },
  'walks on from a deleted field': {
    lua: 'for i = 1, 2000 do self["k" .. i] = nil end while true do next(self, "k1") self.a = 1 end',
  },
  'a table cleared and filled': {
    typescript: 'for (;;) { for (let i = 0; i < 200; i++) self.set(i, i); self.clear(); }',
  },
  'lists as values': {
    lua: 'for i = 1, 1e9 do self["k" .. i % 3000] = { i, i } end',
    typescript: "for (let i = 1; ; i++) self.set('k' + (i % 3000), [i, i]);",
  },
  'long lists as values': {
    lua: 'local t = {} for i = 1, 5000 do t[i] = i end for i = 1, 1e9 do self[i % 10] = t end',
    typescript: 'const list = Array.from({ length: 100_000 }, (_, i) => i); for (let i = 1; ; i++) self.set(i, list);',
  },
  'a nested table': {
    lua: 'self.t = { u = { v = 1 } } local t = self.t.u while true do t.v = t.v + 1 t[t.v] = 1 end',
    typescript: "const t = self.child('t').child('u'); for (let i = 1; ; i++) t.set(i % 3 === 0 ? 'v' : i, i);",
  },
  'all in protected calls': {
    lua: 'while true do pcall(function() for i = 1, 1e9 do self[i] = i end end) end',
    typescript: 'try { for (let i = 1; ; i++) self.set(i, i); } catch {}',
  },
};
