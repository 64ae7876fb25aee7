// V8's limits for inlining and its settings for garbage collection. With the default limits, inlining stops half-way through the request
// path and a get takes 1/7 longer. Without inlining calls that only one request in 20 makes, a call of a method takes 1/20 longer. With three
// times these limits a set takes 1/8 less, but V8 then works for 100 ms on the loop of Lua's virtual machine while a script of an attacker runs.
// Calls leave little, short-lived garbage; waking GC helper threads costs more than they save.
// Imported first, before the functions of the request path are compiled.

import { setFlagsFromString } from 'node:v8';

// The young generation of the main thread keeps its initial 1 MiB and does not grow to 16 MiB: the garbage of requests is dead by the time
// it is collected. Data threads have a limit of their own. `cacheismo` has no way to pass this flag on Node's command line.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--max-inlined-bytecode-size=2000');
setFlagsFromString('--max-inlined-bytecode-size-absolute=10000');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=8000');
setFlagsFromString('--max-inlined-bytecode-size-small=120');
setFlagsFromString('--min-inlining-frequency=0.05');
setFlagsFromString('--no-parallel-scavenge');
// With it, `super()` searches for the constructor to call each time an object is made, and is not inlined: each call of a script makes one.
setFlagsFromString('--no-omit-default-ctors');
