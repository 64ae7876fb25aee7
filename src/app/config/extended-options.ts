// memcached's extended options (-o): one has a meaning here, those that tune slabs, its LRU threads or its hash table
// are accepted and said to be unneeded. Not for options of our own.

import { StartError } from '../start-error.js';

export type ExtendedOption =
  | { readonly kind: 'option'; readonly name: string; readonly option: string; readonly text: string }
  | { readonly kind: 'unneeded'; readonly name: string; readonly reason: string };

const MEANINGFUL: Readonly<Record<string, string>> = { idle_timeout: 'idle-timeout' };

const UNNEEDED: readonly (readonly [RegExp, string])[] = [
  [/^(no_)?slab_/, 'there are no slab classes to tune'],
  [/^(no_)?(lru_|hot_|warm_|temporary_ttl$|tail_repair_time$)/, 'there is one exact LRU list'],
  [/^(no_)?(hash|track_sizes$)/, 'the index grows and shrinks by itself'],
  [/^(no_)?maxconns_fast$/, 'connections over the limit are always answered at once'],
  [
    /^(no_)?(read_buf_mem_limit|resp_obj_mem_limit|worker_logbuf_size|watcher_logbuf_size)$/,
    'buffers are fixed in size',
  ],
  [/^(no_)?(modern|drop_privileges)$/, 'it is the default'],
];

export function readExtendedOption(text: string, label: string): ExtendedOption {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  const option = MEANINGFUL[name];
  if (option !== undefined) return { kind: 'option', name, option, text: value };
  const reason = UNNEEDED.find(([pattern]) => pattern.test(name))?.[1];
  if (reason !== undefined) return { kind: 'unneeded', name, reason };
  const known = `${Object.keys(MEANINGFUL).join(', ')} and memcached's slab_*, lru_* and hash* options`;
  throw new StartError(`${label} ${name}: unknown option; known are ${known}`);
}
