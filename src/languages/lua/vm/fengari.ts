// Loads Fengari with our changes: doubles only, our strings, every instruction and allocation on the meter. Fengari reads its settings once,
// and its modules copy functions from one another while they load, so the order below matters. Functions for scripts: sandbox.ts.

import { createRequire } from 'node:module';
import type { FengariModules } from './fengari-types.js';
import {
  LuaString,
  luaS_bless,
  luaS_eqlngstr,
  luaS_hashlongstr,
  luaS_new,
  luaS_newliteral,
  textOf,
} from './lua-string.js';
import { formatNumber, parseNumber } from './numbers.js';

const require = createRequire(import.meta.url);

function load(): FengariModules {
  const settings = process.env.FENGARICONF;
  process.env.FENGARICONF = JSON.stringify({ LUAI_MAXSTACK: 20000, LUA_COMPAT_FLOATSTRING: true });
  try {
    const defs = require('fengari/src/defs.js');
    const luaconf = require('fengari/src/luaconf.js');
    luaconf.lua_number2str = formatNumber;
    // Bit operations take any integral double and use its low 32 bits.
    luaconf.lua_numbertointeger = (value: number) => (Number.isSafeInteger(value) ? value : false);
    const strings = require('fengari/src/lstring.js');
    Object.assign(strings, {
      TString: LuaString,
      luaS_bless,
      luaS_new,
      luaS_newliteral,
      luaS_hashlongstr,
      luaS_eqlngstr,
    });
    strings.luaS_hash = textOf;
    require('fengari/src/lua.js');
    return {
      defs,
      lobject: require('fengari/src/lobject.js'),
      ltable: require('fengari/src/ltable.js'),
      ltm: require('fengari/src/ltm.js'),
      lvm: require('fengari/src/lvm.js'),
      ldo: require('fengari/src/ldo.js'),
      ldebug: require('fengari/src/ldebug.js'),
      lfunc: require('fengari/src/lfunc.js'),
      lstate: require('fengari/src/lstate.js'),
      llex: require('fengari/src/llex.js'),
      lapi: require('fengari/src/lapi.js'),
    };
  } finally {
    if (settings === undefined) delete process.env.FENGARICONF;
    else process.env.FENGARICONF = settings;
  }
}

export const fengari = load();

const { lobject } = fengari;

lobject.luaO_str2num = (bytes, target) => {
  const value = parseNumber(textOf(bytes));
  if (value === undefined) return 0;
  target.setfltvalue(value);
  return bytes.length + 1;
};
