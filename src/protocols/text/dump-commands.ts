// Listings of items for tools: `stats cachedump`, `lru_crawler metadump` and `mgdump`. The latter two may cover millions of items, so they
// are made in slices as the client reads them, with a turn for other clients after each.

import { bytesOf } from '../../base/latin1.js';
import { encodedKey } from '../../operations/encoded-key.js';
import { expiryOf, ItemWalk, keyOf, visitRecentItems } from '../../operations/item-listing.js';
import { secondsSinceAccess } from '../../operations/item-state.js';
import type { Operations } from '../../operations/operations.js';
import type { ItemRef } from '../../operations/outcomes.js';
import { type ErrorId, ErrorIds } from '../error-lines.js';
import { CONTINUE, type Step } from '../run.js';
import { replySlices, replyText } from './pending-reply.js';
import { Line } from './reply-encoder.js';
import type { TextContext } from './text-context.js';

/** memcached's highest slab class; here all items are in the first one. */
const MAX_CLASS = 63;
const ONLY_CLASS = 1;

/** Bytes that end a key in a text request; only meta and binary requests can set such a key. */
const NO_WORD = /[\0\n ]/;

/** Bytes that some clients do not send in a key of a text request. */
const NO_TEXT_KEY = /[\0-\x20\x7f]/;

/** memcached ends a `cachedump` when its reply has this many bytes. */
const CACHEDUMP_BYTES = 2 * 1024 * 1024;
const CACHEDUMP_ITEMS = 10_000;

/** One slice of a dump ends after this time, or with somewhat more bytes than this; then the other clients have their turn. */
const SLICE_MS = 0.1;
const SLICE_BYTES = 4 * 1024;

/** `stats cachedump <class> <most items>`: the most recently used items, 0 for as many as the reply holds. */
export function cacheDump(context: TextContext, [slabClass, most]: readonly (string | undefined)[]): Step {
  const { operations } = context;
  if (!operations.options.dumpEnabled) return refuse(context, ErrorIds.cachedumpNotAllowed);
  if (slabClass === undefined || most === undefined) return refuse(context, ErrorIds.badCachedump);
  if (!isNumber(slabClass) || !isNumber(most)) return refuse(context, ErrorIds.badFormat);
  if (Number(slabClass) > MAX_CLASS) return refuse(context, ErrorIds.illegalSlabClass);
  let text = '';
  let left = Number(most) === 0 ? CACHEDUMP_ITEMS : Math.min(Number(most), CACHEDUMP_ITEMS);
  let visited = 0;
  if (Number(slabClass) === ONLY_CLASS) {
    visitRecentItems(operations, (item) => {
      const length = operations.store.valueLength(item);
      const key = keyOf(operations, item);
      // memcached leaves these out as well: a line end in a key would begin a line of its own.
      if (NO_WORD.test(key)) return ++visited < CACHEDUMP_ITEMS;
      text += `ITEM ${key} [${length} b; ${expiryOf(operations, item, 0)} s]\r\n`;
      left--;
      return left > 0 && ++visited < CACHEDUMP_ITEMS && text.length < CACHEDUMP_BYTES;
    });
  }
  return replyText(context, `${text}END\r\n`);
}

/** `lru_crawler metadump all|hash|<classes>`: one line for each item, in no particular order. */
export function metaDump(context: TextContext, what: string): Step {
  return dump(context, what, META_DUMP);
}

/** `lru_crawler mgdump all|hash|<classes>`: one line for each item, which is a request that would read it. */
export function keyDump(context: TextContext, what: string): Step {
  return dump(context, what, KEY_DUMP);
}

/** Whether all words are numbers of classes that memcached may have. */
export function isClassList(text: string): boolean {
  return text.split(',').every((part) => isNumber(part) && Number(part) > 0 && Number(part) <= MAX_CLASS);
}

interface DumpKind {
  readonly line: (operations: Operations, item: ItemRef) => string;
  readonly end: string;
  readonly notAllowed: ErrorId;
  readonly pipelined: ErrorId;
}

const META_DUMP: DumpKind = {
  line: metaLine,
  end: 'END\r\n',
  notAllowed: ErrorIds.metadumpNotAllowed,
  pipelined: ErrorIds.pipelinedMetadump,
};

const KEY_DUMP: DumpKind = {
  line: keyLine,
  end: 'EN\r\n',
  notAllowed: ErrorIds.keyDumpNotAllowed,
  pipelined: ErrorIds.pipelinedMgdump,
};

function dump(context: TextContext, what: string, { line, end, notAllowed, pipelined }: DumpKind): Step {
  const { operations } = context;
  if (!operations.options.dumpEnabled) return refuse(context, notAllowed);
  if (context.isPipelined) return refuse(context, pipelined);
  const isWhole = what === 'all' || what === 'hash';
  if (!isWhole && !isClassList(what)) return refuse(context, ErrorIds.badClass);
  context.reply(Line.ok);
  if (!isWhole && !what.split(',').some((text) => Number(text) === ONLY_CLASS)) return replyText(context, end);
  const walk = new ItemWalk(operations);
  return replySlices(context, () => {
    if (walk.isDone) return undefined;
    let text = '';
    const add = (item: ItemRef) => {
      text += line(operations, item);
    };
    const endMs = performance.now() + SLICE_MS;
    do walk.step(add);
    while (!walk.isDone && text.length < SLICE_BYTES && performance.now() < endMs);
    return bytesOf(walk.isDone ? `${text}${end}` : text);
  });
}

function metaLine(operations: Operations, item: ItemRef): string {
  const { clock, store } = operations;
  const key = encodedKey(keyOf(operations, item));
  const lastAccess = clock.unixNow - secondsSinceAccess(store, clock, item);
  const cas = casOf(operations, item);
  const fetched = store.wasFetched(item) ? 'yes' : 'no';
  const size = store.keyLength(item) + store.valueLength(item);
  const expiry = expiryOf(operations, item, -1);
  return `key=${key} exp=${expiry} la=${lastAccess} cas=${cas} fetch=${fetched} cls=${ONLY_CLASS} size=${size} flags=${store.clientFlags(item)} \n`;
}

/** A key that a text request cannot hold is in base64, with the flag for it. */
function keyLine(operations: Operations, item: ItemRef): string {
  const key = keyOf(operations, item);
  if (!NO_TEXT_KEY.test(key)) return `mg ${key}\r\n`;
  return `mg ${Buffer.from(key, 'latin1').toString('base64')} b\r\n`;
}

/** The reply to `me` about an item, in memcached's words. */
export function describeItem(operations: Operations, item: ItemRef): string {
  const { clock, store } = operations;
  const expiresAt = store.expiresAt(item);
  const expiry = expiresAt === 0 ? -1 : expiresAt - clock.now;
  const cas = casOf(operations, item);
  const fetched = store.wasFetched(item) ? 'yes' : 'no';
  const size = store.keyLength(item) + store.valueLength(item);
  return `exp=${expiry} la=${secondsSinceAccess(store, clock, item)} cas=${cas} fetch=${fetched} cls=${ONLY_CLASS} size=${size}`;
}

function casOf({ store }: Operations, item: ItemRef): number | bigint {
  const high = store.casHigh(item);
  return high === 0 ? store.casLow(item) : (BigInt(high) << 32n) | BigInt(store.casLow(item));
}

function isNumber(text: string): boolean {
  return /^\d{1,9}$/.test(text);
}

function refuse(context: TextContext, error: ErrorId): Step {
  context.replyError(error);
  return CONTINUE;
}
