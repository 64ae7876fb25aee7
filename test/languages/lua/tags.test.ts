// The constants copied from Fengari equal Fengari's own.

import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { fengari } from '../../../src/languages/lua/vm/fengari.js';
import * as tags from '../../../src/languages/lua/vm/tags.js';

const require = createRequire(import.meta.url);

describe('constants copied from Fengari', () => {
  test('of types equal its own', () => {
    const types = fengari.defs.constant_types;
    expect([tags.NIL, tags.BOOLEAN, tags.LIGHT_USERDATA, tags.NUMBER, tags.TABLE, tags.USERDATA, tags.THREAD]).toEqual([
      types.LUA_TNIL,
      types.LUA_TBOOLEAN,
      types.LUA_TLIGHTUSERDATA,
      types.LUA_TNUMFLT,
      types.LUA_TTABLE,
      types.LUA_TUSERDATA,
      types.LUA_TTHREAD,
    ]);
    expect([tags.CLOSURE, tags.STRING, tags.NATIVE, tags.NATIVE_CLOSURE]).toEqual([
      types.LUA_TLCL,
      types.LUA_TLNGSTR,
      types.LUA_TLCF,
      types.LUA_TCCL,
    ]);
  });

  test('of metamethods equal its own', () => {
    for (const [name, number] of Object.entries(tags.EVENT)) {
      expect([name, number]).toEqual([name, fengari.ltm.TMS[`TM_${name.toUpperCase()}`]]);
    }
  });

  test('of opcodes equal its own', () => {
    const { OpCodes } = require('fengari/src/lopcodes.js') as { OpCodes: string[] };
    expect(OpCodes.slice(0, 14)).toEqual(
      'MOVE LOADK LOADKX LOADBOOL LOADNIL GETUPVAL GETTABUP GETTABLE SETTABUP SETUPVAL SETTABLE NEWTABLE SELF ADD'.split(
        ' ',
      ),
    );
    expect(OpCodes.slice(25)).toEqual(
      'UNM BNOT NOT LEN CONCAT JMP EQ LT LE TEST TESTSET CALL TAILCALL RETURN FORLOOP FORPREP TFORCALL TFORLOOP SETLIST CLOSURE VARARG EXTRAARG'.split(
        ' ',
      ),
    );
  });

  test('of call status equal its own', () => {
    const status = require('fengari/src/lstate.js') as Record<string, number>;
    expect([tags.IN_LUA, tags.FRESH, tags.TAIL_CALLED]).toEqual([status.CIST_LUA, status.CIST_FRESH, status.CIST_TAIL]);
  });
});
