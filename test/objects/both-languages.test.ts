// An object made in one language can be used in the other: when a script is removed, the plugin of the same name is active again and finds
// the script's data.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadLuaType } from '../../src/languages/lua/host/lua-type.js';
import { loadPlugin } from '../languages/typescript/load-plugin.js';
import { CallHarness } from './call-harness.js';

function loadScript(name: string) {
  const script = readFileSync(new URL(`../../scripts/${name}.lua`, import.meta.url));
  return loadLuaType(script, `scripts/${name}.lua`);
}

const STEPS: Readonly<Record<string, readonly (readonly [call: string, answer: string])[]>> = {
  set: [
    ['set:new:k', 'CREATED'],
    ['set:put:k:a', 'SUCCESS'],
    ['set:put:k:b', 'SUCCESS'],
    ['set:exist:k:a', 'EXISTS'],
    ['set:getall:k', 'a\r\nb\r\n'],
  ],
  map: [
    ['map:new:k', 'CREATED'],
    ['map:put:k:a:1', 'SUCCESS'],
    ['map:incr:k:a', '2'],
    ['map:incr:k:a', '3'],
    ['map:getall:k', 'a : 3\r\n'],
  ],
  quota: [
    ['quota:new:k:10:hour', 'CREATED'],
    ['quota:addandcheck:k:4', 'QUOTA_OK'],
    ['quota:peek:k', '6'],
    ['quota:addandcheck:k:7', 'QUOTA_EXCEEDED'],
    ['quota:addandcheck:k:6', 'QUOTA_OK'],
    ['quota:peek:k', '0'],
  ],
  gcra: [
    ['gcra:take:k:3:1:1000', 'ALLOW 3 2 0 1000'],
    ['gcra:take:k:3:1:1000', 'ALLOW 3 1 0 2000'],
    ['gcra:book:k:3:1:1000:3:2000', 'ALLOW 3 0 0 5000 2000'],
    ['gcra:peek:k:3:1:1000', 'DENY 3 0 3000 5000'],
    ['gcra:policy:k:9:1:1000', 'OK'],
    ['gcra:take:k:4', 'ALLOW 9 0 0 9000'],
    ['gcra:block:k:60000', 'OK'],
    ['gcra:take:k', 'DENY 9 0 60000 60000'],
  ],
  lease: [
    ['lease:acquire:k:ann:30000:2', 'OK # 30000'],
    ['lease:acquire:k:bob:30000', 'HELD 30000 1'],
    ['lease:acquire:k:bob:20000:2', 'OK # 20000'],
    ['lease:acquire:k:cid:30000:2', 'HELD 20000 2'],
    ['lease:acquire:k:ann:60000:2', 'OK # 30000'],
    ['lease:release:k:ann:1', 'LOST'],
  ],
  swcounter: [
    ['swcounter:new:k:2', 'CREATED'],
    ['swcounter:add:k:5', 'SUCCESS'],
    ['swcounter:getcount:k', '1'],
    ['swcounter:add:k:7', 'SUCCESS'],
    ['swcounter:getsum:k', '12'],
    ['swcounter:add:k:0.5', 'SUCCESS'],
    ['swcounter:getlast:k', '0.5'],
    ['swcounter:getavg:k', '3.75'],
  ],
};

test.each(Object.keys(STEPS))('%s: an object can be changed by both languages in turn', (name) => {
  for (const first of [0, 1]) {
    const harness = new CallHarness([loadPlugin(name)]);
    STEPS[name]?.forEach(([call, answer], step) => {
      // The script shadows the plugin at every other step.
      if (step % 2 === first) harness.registry.install(loadScript(name));
      else harness.registry.remove(`scripts/${name}.lua`);
      // Tokens of leases depend on the date.
      expect([call, harness.get(call).replace(/^OK \d{10,}/, 'OK #')]).toEqual([call, answer]);
    });
  }
});
