// Maps meta commands to handlers.

import { metaArithmetic, metaDelete } from './meta-change.js';
import { metaDebug, metaGet, metaNothing } from './meta-get.js';
import { metaSet } from './meta-set.js';

export const META_HANDLERS = {
  mg: metaGet,
  ms: metaSet,
  md: metaDelete,
  ma: metaArithmetic,
  mn: metaNothing,
  me: metaDebug,
} as const;
