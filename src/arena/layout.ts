// Positions of the fixed parts of the arena. Everything before the heap is constant in size; the memory limit is one of the heap.
// The layout of chunks and items: chunk.ts, store/item.ts.
//
//   0        1 KiB   16 KiB                                                                heapStart                heapEnd
//   +--------+-------+-----------+---------+----------+--------+----------+------------+---------+-------------------------+
//   | header | roots | metrics,  | figures | counts   | events | hot keys,| windows    | table   | heap: directory, chunks |
//   |        |       | one block | of      | of       | for    | slow     | per thread | of      | in regions              |
//   |        |       | a thread  | methods | prefixes | watch  | calls ...|            | regions |                         |
//   +--------+-------+-----------+---------+----------+--------+----------+------------+---------+-------------------------+
//
// The heap ends at heapEnd in the address space; how much of it is in use depends on the memory limit, which may change (regions.ts).

/** Word numbers (4 bytes each) in the header. */
export const HEADER = {
  magic: 0,
  version: 1,
  threads: 2,
  heapStart: 3,
  heapEnd: 4,
  reserveUnits: 5,
  /** The memory limit now, and the highest that the buffer has room for. */
  limitUnits: 6,
  mostUnits: 7,
  /** The clock's Float64 cells start at this word. */
  clock: 8,
  /** The lock and the words that wake threads. */
  sync: 64,
  /** The objects whose changes are noted while their records are made (store/watched-objects.ts): 64 words. */
  watched: 128,
  /** 1 while an object is being made in several calls (tables/unfinished-objects.ts). */
  unfinished: 192,
} as const;

/** First words of the parts that keep their roots in the arena; each has room up to the next. */
export const ROOTS = {
  allocator: 256,
  store: 512,
  wheel: 1024,
  end: 4096,
} as const;

/** Room for the counters of some 8,100 methods; pages that are never written to cost no memory. */
export const METHOD_CELLS = 480 * 1024;

/** One key prefix: four counters of 8 bytes, the length, up to 250 bytes (operations/prefix-counts.ts). */
export const PREFIX_BYTES = 288;
/** 1.2 MB if all are used. A choice: requests with further prefixes are not counted one by one but as left out. */
export const PREFIX_SLOTS = 4096;

/** The events that watchers have yet to read (operations/event-log.ts): some 10,000 lines of 100 bytes. A slower watcher loses lines. */
export const EVENT_LOG_BYTES = 1024 * 1024;

/** A hot key: three counts of 8 bytes, hash and length, up to 250 bytes (operations/hot-keys.ts). */
export const HOT_KEY_BYTES = 288;
/** 147 KB. A choice: a key that gets more than one request in 512 is not pushed out by others. */
export const HOT_KEY_SLOTS = 512;
export const HOT_KEY_HEAD_BYTES = 64;

/** The last slow calls of methods, as text: 16 KB (objects/calls/slow-calls.ts). */
export const SLOW_CALL_BYTES = 512;
export const SLOW_CALL_SLOTS = 32;
export const SLOW_CALL_HEAD_BYTES = 8;

/** The keys of the largest items: 35 KB (store/largest-items.ts). Before them, 24 bytes a slot at most. */
export const LARGE_ITEM_KEY_BYTES = 256;
export const LARGE_ITEM_SLOTS = 128;
export const LARGEST_BYTES = LARGE_ITEM_SLOTS * (LARGE_ITEM_KEY_BYTES + 24);

/** The keys that are followed for the curve of hit ratios: 294 KB (store/sampled-stack.ts, store/hit-ratio-curve.ts). A choice: a quarter of
 * the cache's size is then 128 of them at least. */
export const STACK_ENTRIES = 8192;
export const STACK_BUCKETS = 8192;
export const CURVE_HEAD_BYTES = 128;
const STACK_HEAD_BYTES = 192;
const STACK_ENTRY_BYTES = 32;
export const CURVE_BYTES =
  CURVE_HEAD_BYTES + STACK_HEAD_BYTES + STACK_BUCKETS * 4 + (STACK_ENTRIES + 1) * STACK_ENTRY_BYTES;

export const MAGIC = 0x43_69_73_6d;
export const LAYOUT_VERSION = 9;

/** Input is read to the position after a headroom, into which the unread rest of the previous input is copied. Each is four times the
 * longest line (16 KiB). A choice: larger reads would save system calls for large values only. */
export const INPUT_HEADROOM_BYTES = 64 * 1024;
export const INPUT_READ_BYTES = 64 * 1024;
/** A choice: replies up to this size go out in one write. */
export const OUTPUT_BYTES = 256 * 1024;
/** Holds a key, a short result and decoded arguments; longer data passes through it in pieces. */
export const SCRATCH_BYTES = 64 * 1024;
/** The end of them holds the key of the field that a call looks for, of at most 960 bytes, and its value, if that is as short. */
export const FIELD_KEY_BYTES = 1024;
export const FIELD_VALUE_BYTES = 1024;
/** Further output windows, to write to while the kernel sends the others: at most 4 MiB per thread for clients that read slowly. Pages
 * that are never written to cost no memory. */
export const SPARE_OUTPUTS = 16;
export const WINDOWS_BYTES =
  INPUT_HEADROOM_BYTES + INPUT_READ_BYTES + OUTPUT_BYTES + SCRATCH_BYTES + SPARE_OUTPUTS * OUTPUT_BYTES;
