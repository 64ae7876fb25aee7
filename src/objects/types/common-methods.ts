// Methods that every type has, unless it defines one of the same name: ttl and expire.

import { MOST_TTL_SECONDS } from '../../base/clock.js';
import { checkCount, convertArgument } from '../arguments/convert-arguments.js';
import type { LoadedMethod, LoadedType } from './loaded-type.js';
import { planParameters } from './parameter-plan.js';

/** The result of `ttl` for an object that does not expire. */
const NEVER = -1;

const NO_PARAMETERS = planParameters();
const SECONDS = planParameters({ seconds: { type: 'integer', minimum: 0, maximum: MOST_TTL_SECONDS } });

const TTL: LoadedMethod = {
  name: 'ttl',
  summary: `seconds left, ${NEVER} if the object does not expire`,
  access: 'read',
  plan: NO_PARAMETERS,
  run(_self, args, call) {
    checkCount(NO_PARAMETERS, args.count);
    return call.ttlSeconds ?? NEVER;
  },
};

const EXPIRE: LoadedMethod = {
  name: 'expire',
  summary: 'sets the seconds to live, 0 for no end',
  access: 'write',
  plan: SECONDS,
  run(_self, args, call) {
    checkCount(SECONDS, args.count);
    call.expire(convertArgument(SECONDS.parameters[0], args, 0) as number);
    return 'OK';
  },
};

/** Those that the type does not define itself. Types in the original's style, and the server's own, have no `self` to ask. */
export function commonMethodsOf({ methods }: LoadedType): readonly LoadedMethod[] {
  for (const { access } of methods.values()) if (access === 'original' || access === 'none') return [];
  return [TTL, EXPIRE].filter(({ name }) => !methods.has(name));
}
