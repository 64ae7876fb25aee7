// The type that is measured, one byte array of which a bit is changed, in both languages.

import { TypeFolder } from '../host/type-folder.js';

const SCRIPT = `
return {
  name = "bits",
  methods = {
    new = {
      access = "create",
      parameters = { { name = "length", type = "integer" } },
      run = function(self, args) object.bytes(self, "bits", args.length):fill(85) return "CREATED" end,
    },
    flip = {
      access = "write",
      parameters = { { name = "bit", type = "integer" } },
      run = function(self, args)
        local bits = self.bits
        return bits:setBit(args.bit, not bits:getBit(args.bit))
      end,
    },
  },
}
`;

const PLUGIN = `
import { defineType, method } from 'cacheismo';

export default defineType({
  name: 'bits',
  methods: {
    new: method({
      access: 'create',
      parameters: { length: { type: 'integer' } },
      run: (self, { length }) => (self.bytes('bits', length).fill(85), 'CREATED'),
    }),
    flip: method({
      access: 'write',
      parameters: { bit: { type: 'integer' } },
      run(self, { bit }) {
        const bits = self.bytes('bits');
        return bits.setBit(bit, !bits.getBit(bit));
      },
    }),
  },
});
`;

/** A directory with the type in one language. */
export function bitType(language: 'Lua' | 'TypeScript'): TypeFolder {
  return language === 'Lua' ? new TypeFolder('bits.lua', SCRIPT) : new TypeFolder('bits.ts', PLUGIN);
}
