// Options of memcached that have no row of their own: they are accepted with a notice, so that start scripts work. Of its extended options
// (-o) some are refused, because users who set them rely on their effect.

import type { OptionNames } from '../option.js';

interface ReasonedOption extends OptionNames {
  readonly reason: string;
}

const NO_SLABS = 'there are no slab classes to tune';

/** Options without effect, which the log says. */
export const ACCEPTED_OPTIONS: readonly ReasonedOption[] = [
  { name: 'slab-growth-factor', short: 'f', argument: 'factor', reason: NO_SLABS },
  { name: 'slab-min-size', short: 'n', argument: 'bytes', reason: NO_SLABS },
  { name: 'enable-largepages', short: 'L', reason: 'the kernel is asked for large pages at every start' },
  { name: 'max-reqs-per-event', short: 'R', argument: 'number', reason: 'turns are bounded by time' },
  { name: 'memory-file', short: 'e', argument: 'file', reason: 'items are kept in memory only, and a start is empty' },
  { name: 'napi-ids', short: 'N', argument: 'number', reason: 'connections go to the thread that has the fewest' },
];

interface ReasonedPattern {
  readonly pattern: RegExp;
  readonly reason: string;
}

const ONE_LRU_LIST = 'there is one exact LRU list';
const FIXED_BUFFERS = 'buffers are fixed in size';

/** Names after -o; a leading `no_` is removed first. */
export const ACCEPTED_EXTENDED: readonly ReasonedPattern[] = [
  {
    pattern: /^(slab_(reassign|automove|automove_ratio|automove_window|automove_freeratio|chunk_max)|chunked_items)$/,
    reason: NO_SLABS,
  },
  { pattern: /^lru_(crawler|crawler_sleep|crawler_tocrawl|maintainer)$/, reason: ONE_LRU_LIST },
  { pattern: /^((hot|warm)_lru_pct|(hot|warm)_max_factor|temporary_ttl|tail_repair_time)$/, reason: ONE_LRU_LIST },
  { pattern: /^(hashpower|hashexpand|hash_algorithm)$/, reason: 'the index grows and shrinks by itself' },
  { pattern: /^track_sizes$/, reason: 'sizes are counted when they are asked for' },
  { pattern: /^maxconns_fast$/, reason: 'connections over the limit are always answered at once' },
  { pattern: /^(read_buf_mem_limit|resp_obj_mem_limit)$/, reason: FIXED_BUFFERS },
  { pattern: /^(worker|watcher)_logbuf_size$/, reason: FIXED_BUFFERS },
  {
    pattern: /^ext_(path|page_size|page_count|wbuf_size|threads|item_size|item_age|low_ttl|recache_rate)$/,
    reason: 'all items stay in memory',
  },
  {
    pattern: /^ext_(compact_under|drop_under|max_sleep|max_frag|drop_unread|path_[a-z]+)$/,
    reason: 'all items stay in memory',
  },
  {
    pattern: /^(inline_ascii_resp(onse)?|modern|drop_privileges|relaxed_privileges)$/,
    reason: 'it changes nothing here',
  },
  { pattern: /^meta_response_old$/, reason: 'replies are those of memcached 1.6' },
  { pattern: /^sock_cookie_id$/, reason: 'sockets are given no number' },
];

export const REFUSED_EXTENDED: readonly ReasonedPattern[] = [
  { pattern: /^proxy_/, reason: 'not supported: this server is no proxy' },
];
