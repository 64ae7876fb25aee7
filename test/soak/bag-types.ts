// The object types of the soak test: bags of members, the same in both languages, in any number of versions.

export const BAG_TYPES = ['lua_bag', 'ts_bag'] as const;
export type BagType = (typeof BAG_TYPES)[number];

/** The path of a type below the directory of types. */
export const BAG_FILES: Readonly<Record<BagType, string>> = {
  lua_bag: 'scripts/lua_bag.lua',
  ts_bag: 'plugins/ts_bag.ts',
};

/** `spoil` writes and then fails; `version` returns the version of the file that runs. */
export function bagSource(type: BagType, version: number): string {
  return type === 'lua_bag' ? luaBag(version) : typescriptBag(version);
}

/** A faulty file, which must not replace any version of a type. */
export function brokenSource(type: BagType): string {
  return type === 'lua_bag' ? 'return { name = ' : 'export default {{';
}

const luaBag = (version: number): string => `-- A bag of members.
local member = { { name = "member", type = "string" } }

return {
  name = "lua_bag",
  methods = {
    new = { access = "create", run = function() return "CREATED" end },
    put = {
      access = "write",
      parameters = member,
      run = function(self, args)
        self[args.member] = (self[args.member] or 0) + 1
        return object.count(self)
      end,
    },
    take = {
      access = "write",
      parameters = member,
      run = function(self, args)
        self[args.member] = nil
        return object.count(self)
      end,
    },
    spoil = {
      access = "write",
      parameters = member,
      run = function(self, args)
        for number = 1, 50 do self[args.member .. number] = number end
        error("spoiled on purpose")
      end,
    },
    count = { access = "read", run = function(self) return object.count(self) end },
    version = { access = "read", run = function() return ${version} end },
  },
}
`;

const typescriptBag = (version: number): string => `// A bag of members.
import { defineType, method } from 'cacheismo';

const parameters = { member: { type: 'string' } } as const;

export default defineType({
  name: 'ts_bag',
  methods: {
    new: method({ access: 'create', run: () => 'CREATED' }),
    put: method({
      access: 'write',
      parameters,
      run(self, { member }) {
        self.set(member, ((self.get(member) as number | undefined) ?? 0) + 1);
        return self.count;
      },
    }),
    take: method({
      access: 'write',
      parameters,
      run(self, { member }) {
        self.delete(member);
        return self.count;
      },
    }),
    spoil: method({
      access: 'write',
      parameters,
      run(self, { member }) {
        for (let number = 1; number <= 50; number++) self.set(member + number, number);
        throw new Error('spoiled on purpose');
      },
    }),
    count: method({ access: 'read', run: (self) => self.count }),
    version: method({ access: 'read', run: () => ${version} }),
  },
});
`;
