// Listings of items for tools: `stats cachedump` and `lru_crawler metadump`. The latter may run over millions of items, so it is made
// slice by slice as the client takes it. Not for the numbers that `stats` tells.

import { latin1 } from '../../base/latin1.js';
import { StoreItems } from '../../objects/calls/store-items.js';
import type { ItemRef } from '../../store/store.js';
import { ErrorIds } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { answerListing, answerText } from './pending-reply.js';
import { asciiBytes } from './text-bytes.js';
import type { CommandContext } from './text-context.js';

/** memcached's slab classes are numbered up to this one; here all items are of the first. */
const MAX_CLASS = 63;
const ONLY_CLASS = 1;

/** memcached ends a `cachedump` when its reply has so many bytes. */
const CACHEDUMP_BYTES = 2 * 1024 * 1024;
const CACHEDUMP_ITEMS = 10_000;

/** One slice of a dump: so many buckets of the index, or somewhat more bytes than that. */
const BUCKETS_A_SLICE = 512;
const SLICE_BYTES = 16 * 1024;

/** Units and cycle of the time that an item keeps of its last access. */
const ACCESS_UNIT_SECONDS = 4;
const ACCESS_CYCLE = 2 ** 14;

/** `stats cachedump <class> <most items>`: the most recently used items, 0 for as many as the reply holds. */
export function cacheDump(context: CommandContext, [slabClass, most]: readonly (string | undefined)[]): Step {
  const { options, store } = context;
  if (!options.dumpEnabled) return refuse(context, ErrorIds.cachedumpNotAllowed);
  if (slabClass === undefined || most === undefined) return refuse(context, ErrorIds.badCachedump);
  if (!isNumber(slabClass) || !isNumber(most)) return refuse(context, ErrorIds.badFormat);
  if (Number(slabClass) > MAX_CLASS) return refuse(context, ErrorIds.illegalSlabClass);
  let text = '';
  let left = Number(most) === 0 ? CACHEDUMP_ITEMS : Math.min(Number(most), CACHEDUMP_ITEMS);
  if (Number(slabClass) === ONLY_CLASS) {
    store.forEachItem((item) => {
      if (!isExpired(context, item)) {
        text += `ITEM ${keyOf(context, item)} [${store.valueLength(item)} b; ${expiryOf(context, item, 0)} s]\r\n`;
        left--;
      }
      return left > 0 && text.length < CACHEDUMP_BYTES;
    });
  }
  return answerText(context, `${text}END\r\n`);
}

/** `lru_crawler metadump all|hash|<classes>`: one line for each item, in no particular order. */
export function metaDump(context: CommandContext, what: string): Step {
  if (!context.options.dumpEnabled) return refuse(context, ErrorIds.metadumpNotAllowed);
  const isWhole = what === 'all' || what === 'hash';
  const classes = what.split(',');
  const isClass = (text: string) => isNumber(text) && Number(text) > 0 && Number(text) <= MAX_CLASS;
  if (!isWhole && !classes.every(isClass)) return refuse(context, ErrorIds.badClass);
  if (!isWhole && !classes.some((text) => Number(text) === ONLY_CLASS)) return answerText(context, 'END\r\n');
  const items = new StoreItems(context.store);
  let bucket = 0;
  let isDone = false;
  return answerListing(context, (current) => {
    if (isDone) return undefined;
    let text = '';
    for (let looked = 0; looked < BUCKETS_A_SLICE && text.length < SLICE_BYTES && !isDone; looked++) {
      bucket = items.scan(bucket, (item) => {
        if (!isExpired(current, item)) text += metaLine(current, item);
      });
      isDone = bucket === 0;
    }
    return asciiBytes(isDone ? `${text}END\r\n` : text);
  });
}

function metaLine(context: CommandContext, item: ItemRef): string {
  const { clock, store } = context;
  const key = percentEncoded(keyOf(context, item));
  const lastAccess = clock.unixNow - secondsSinceAccess(context, item);
  const cas = (BigInt(store.casHigh(item)) << 32n) | BigInt(store.casLow(item));
  const fetched = store.wasFetched(item) ? 'yes' : 'no';
  const size = store.keyLength(item) + store.valueLength(item);
  return `key=${key} exp=${expiryOf(context, item, -1)} la=${lastAccess} cas=${cas} fetch=${fetched} cls=${ONLY_CLASS} size=${size} flags=${store.clientFlags(item)}\n`;
}

/** In steps of four seconds, and no longer than some 18 hours. */
export function secondsSinceAccess({ clock, store }: CommandContext, item: ItemRef): number {
  const steps = Math.floor(clock.now / ACCESS_UNIT_SECONDS) - store.items.access(item);
  return (steps & (ACCESS_CYCLE - 1)) * ACCESS_UNIT_SECONDS;
}

function isExpired({ clock, store }: CommandContext, item: ItemRef): boolean {
  const expiresAt = store.expiresAt(item);
  return expiresAt !== 0 && expiresAt <= clock.now;
}

function expiryOf({ clock, store }: CommandContext, item: ItemRef, never: number): number {
  const expiresAt = store.expiresAt(item);
  return expiresAt === 0 ? never : clock.toUnix(expiresAt);
}

function keyOf({ store }: CommandContext, item: ItemRef): string {
  const { arena } = store;
  const position = store.keyPosition(item);
  return latin1(arena.viewOf(position), arena.indexOf(position), store.keyLength(item));
}

/** As memcached encodes keys in a dump: each byte but letters, digits and a few marks. */
function percentEncoded(key: string): string {
  return key.replace(
    /[^A-Za-z0-9\-._~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function isNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

function refuse(context: CommandContext, error: (typeof ErrorIds)[keyof typeof ErrorIds]): Step {
  context.refuse(error);
  return CONTINUE;
}
