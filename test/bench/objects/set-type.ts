// The type `set` with methods of the plugin, without loading files, for benchmarks in this process.

import { convertArguments } from '../../../src/objects/arguments/convert-arguments.js';
import type { LoadedMethod, LoadedType } from '../../../src/objects/types/loaded-type.js';
import { planParameters } from '../../../src/objects/types/parameter-plan.js';

const MEMBER = planParameters({ member: { type: 'string' } });
const NOTHING = planParameters();
const METHODS: readonly LoadedMethod[] = [
  { name: 'new', summary: '', access: 'create', plan: NOTHING, run: () => 'CREATED' },
  {
    name: 'put',
    summary: '',
    access: 'write',
    plan: MEMBER,
    run: (self, args) => {
      self?.set(convertArguments(MEMBER, args)[0] as string, true);
      return 'SUCCESS';
    },
  },
  { name: 'count', summary: '', access: 'read', plan: NOTHING, run: (self) => self?.count ?? 0 },
];

export const SET_TYPE: LoadedType = {
  name: 'set',
  summary: '',
  language: 'typescript',
  file: 'set.ts',
  methods: new Map(METHODS.map((method) => [method.name, method])),
  dispose: () => {},
};
