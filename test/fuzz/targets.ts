// All fuzz targets, in the order in which they take turns.

import { callsTarget } from './calls/target.js';
import { reloadTarget } from './reload/target.js';
import { compiledTarget } from './scripts/compiled-target.js';
import { scriptsTarget } from './scripts/target.js';
import { storeTarget } from './store/target.js';
import { tablesTarget } from './tables/target.js';
import type { FuzzTarget } from './target.js';
import { binaryTarget } from './wire/binary-in-process.js';
import { wireTarget } from './wire/in-process.js';
import { socketsTarget } from './wire/sockets.js';

export const TARGETS: readonly FuzzTarget[] = [
  storeTarget,
  tablesTarget,
  callsTarget,
  wireTarget,
  binaryTarget,
  socketsTarget,
  scriptsTarget,
  compiledTarget,
  reloadTarget,
];
