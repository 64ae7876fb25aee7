// How V8 is to compile and to collect garbage. It inlines the small functions of the request path into one another; with its defaults it
// stops half way, which costs a seventh of the time of a get. What a call leaves behind is little and dead, so that helpers for
// collecting it take longer to wake than to work. Imported first, before those functions are compiled. Not for limits of memory.

import { setFlagsFromString } from 'node:v8';

// The young generation of the main thread stays as it starts, with 1 MiB for new objects, and does not grow to 16 MiB: what requests leave
// behind is dead when it is collected. Data threads have a limit of their own. A flag of the command line cannot be given by `cacheismo`.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--max-inlined-bytecode-size=2000');
setFlagsFromString('--max-inlined-bytecode-size-absolute=10000');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=4000');
setFlagsFromString('--max-inlined-bytecode-size-small=120');
setFlagsFromString('--no-parallel-scavenge');
