// An object type for the tests of this folder.

import type { LoadedType } from '../../../src/objects/types/loaded-type.js';
import { method } from '../../../src/objects/types/object-type.js';
import { MethodError } from '../../../src/tables/call-errors.js';
import { originalType, typeOf } from '../../objects/types-for-tests.js';

const bag = typeOf('bag', {
  new: method({ access: 'create', run: () => 'CREATED' }),
  put: method({
    access: 'write',
    parameters: { name: { type: 'string' }, value: { type: 'string' } },
    run(self, { name, value }) {
      self.set(name, value);
      return value;
    },
  }),
  get: method({ access: 'read', parameters: { name: { type: 'string' } }, run: (self, { name }) => self.get(name) }),
  fail: method({
    access: 'write',
    run() {
      throw new MethodError('no way');
    },
  }),
});

const old = originalType('old', {
  say: (_self, args, call) => {
    call.reply.value(call.request.virtualKey, 0, `${call.request.command} ${args.string(0)}`);
    return undefined;
  },
  line: (_self, args, call) => {
    call.reply.text(`${args.string(0)}\r\n`);
    return undefined;
  },
  silent: () => undefined,
});

/** A map of strings, and a type in the original's style, which writes its reply itself. */
export const TEST_TYPES: readonly LoadedType[] = [bag, old];
