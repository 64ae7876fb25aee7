// Options of memcached that have no row of their own: they are accepted with a notice, so that start scripts work. Of its extended options
// (-o) some are refused, because users who set them rely on their effect.

import type { OptionNames } from '../option.js';
import { type AcceptedValues, above, between, integer, oneOf, optional, SIZES } from './accepted-values.js';

interface ReasonedOption extends OptionNames {
  readonly reason: string;
  readonly values?: AcceptedValues;
}

const NO_SLABS = 'there are no slab classes to tune';

/** Options without effect, which the log says. */
export const ACCEPTED_OPTIONS: readonly ReasonedOption[] = [
  { name: 'slab-growth-factor', short: 'f', argument: 'factor', reason: NO_SLABS, values: above(1) },
  { name: 'slab-min-size', short: 'n', argument: 'bytes', reason: NO_SLABS, values: integer(1) },
  { name: 'enable-largepages', short: 'L', reason: 'the kernel is asked for large pages at every start' },
  {
    name: 'max-reqs-per-event',
    short: 'R',
    argument: 'number',
    reason: 'turns are bounded by time',
    values: integer(1),
  },
  {
    name: 'napi-ids',
    short: 'N',
    argument: 'number',
    reason: 'connections go to the thread that has the fewest',
    values: integer(1),
  },
];

interface ReasonedPattern {
  readonly pattern: RegExp;
  readonly reason: string;
}

interface AcceptedPattern extends ReasonedPattern {
  /** None for a switch, which takes no value. */
  readonly values?: AcceptedValues;
}

const ONE_LRU_LIST = 'there is one exact LRU list';
const FIXED_BUFFERS = 'buffers are fixed in size';
const OWN_INDEX = 'the index grows and shrinks by itself';
const NO_FLASH = 'all items stay in memory';

const MOST_LRU_PERCENT = 80;

/** Names after -o; a leading `no_` is removed first. */
export const ACCEPTED_EXTENDED: readonly AcceptedPattern[] = [
  { pattern: /^(slab_reassign|chunked_items)$/, reason: NO_SLABS },
  { pattern: /^slab_automove$/, reason: NO_SLABS, values: optional(integer(0, 2)) },
  { pattern: /^slab_automove_ratio$/, reason: NO_SLABS, values: between(0, 1) },
  { pattern: /^slab_automove_window$/, reason: NO_SLABS, values: integer(3) },
  { pattern: /^slab_automove_freeratio$/, reason: NO_SLABS, values: above(0) },
  { pattern: /^slab_chunk_max$/, reason: NO_SLABS, values: integer(1) },
  { pattern: /^slab_sizes$/, reason: NO_SLABS, values: SIZES },
  { pattern: /^lru_(crawler|maintainer)$/, reason: ONE_LRU_LIST },
  { pattern: /^lru_crawler_sleep$/, reason: ONE_LRU_LIST, values: integer(0, 1_000_000) },
  { pattern: /^lru_crawler_tocrawl$/, reason: ONE_LRU_LIST, values: integer(0) },
  { pattern: /^(hot|warm)_lru_pct$/, reason: ONE_LRU_LIST, values: integer(1, MOST_LRU_PERCENT - 1) },
  { pattern: /^(hot|warm)_max_factor$/, reason: ONE_LRU_LIST, values: above(0) },
  { pattern: /^temporary_ttl$/, reason: ONE_LRU_LIST, values: integer(0) },
  { pattern: /^tail_repair_time$/, reason: ONE_LRU_LIST, values: integer(10) },
  { pattern: /^hashpower$/, reason: OWN_INDEX, values: integer(12, 32) },
  { pattern: /^hash_algorithm$/, reason: OWN_INDEX, values: oneOf('jenkins', 'murmur3', 'xxh3') },
  { pattern: /^hashexpand$/, reason: OWN_INDEX },
  { pattern: /^track_sizes$/, reason: 'sizes are counted on request' },
  { pattern: /^maxconns_fast$/, reason: 'it is the default' },
  { pattern: /^(read_buf_mem_limit|resp_obj_mem_limit)$/, reason: FIXED_BUFFERS, values: integer(0) },
  {
    pattern: /^ext_(path|page_size|page_count|wbuf_size|threads|item_size|item_age|low_ttl|recache_rate)$/,
    reason: NO_FLASH,
  },
  {
    pattern: /^ext_(compact_under|drop_under|max_sleep|max_frag|drop_unread|path_[a-z]+)$/,
    reason: NO_FLASH,
  },
  {
    pattern: /^(inline_ascii_resp(onse)?|modern|drop_privileges|relaxed_privileges)$/,
    reason: 'it changes nothing here',
  },
  { pattern: /^meta_response_old$/, reason: 'replies are those of memcached 1.6' },
  { pattern: /^sock_cookie_id$/, reason: 'sockets are given no number' },
];

/** What `no_modern` switches off or sets back, as `stats settings` shows it. */
export const NOT_MODERN: readonly (readonly [name: string, value: string])[] = [
  ['slab_reassign', 'no'],
  ['slab_automove', '0'],
  ['lru_crawler', 'no'],
  ['lru_maintainer', 'no'],
  ['hash_algorithm', 'jenkins'],
];

/** The error line if two segments of memcached's LRU would leave too little for the third; otherwise undefined. */
export function segmentMistake(withoutEffect: ReadonlyMap<string, string>): string | undefined {
  const hot = Number(withoutEffect.get('hot_lru_pct') ?? HOT_PERCENT);
  const warm = Number(withoutEffect.get('warm_lru_pct') ?? WARM_PERCENT);
  if (hot + warm <= MOST_LRU_PERCENT) return undefined;
  return `hot_lru_pct ${hot} and warm_lru_pct ${warm}: must be at most ${MOST_LRU_PERCENT} together`;
}

const HOT_PERCENT = 20;
const WARM_PERCENT = 40;

export const REFUSED_EXTENDED: readonly ReasonedPattern[] = [
  { pattern: /^proxy_/, reason: 'not supported: this server is no proxy' },
];
