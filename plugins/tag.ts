// Values that are invalidated in groups: each has tags, and purging a tag makes every value with it a miss (Symfony's TagAwareAdapter, Drupal's
// cache tags, revalidateTag of Next.js).
//
// Guarantees: a value that was stored before one of its tags was purged is never served, also when anything was evicted: what is lost is a miss.
// A purge costs the same however many values have the tag. A get looks tags up only if something was purged since the value was stored, or since a
// get that has looked them up. A value of NAMESPACE/ID belongs to the object NAMESPACE, which remembers when tags were purged, the last 100,000 of
// them; beyond that the oldest are forgotten with all values that are as old. It also knows some of its values by name, a sample by which `count`
// estimates how many have a tag; there is no list of all.
// Times do not depend on the machine's date. Bytes: 110 with a key of 10 bytes and two tags, and the body; 70 a purged tag; 25 KB a sample.

import { type CallContext, defineType, method, type Table } from 'cacheismo';

const SLASH = '/';
/** Before a stale value, for the caller that computes it again. */
const STALE = 'STALE\r\n';
const MOST_TAGS = 32;
const LONGEST_TAG_BYTES = 128;
/** Tags that a namespace remembers as purged. A choice: 7 MB. */
const MOST_PURGES = 100_000;
/** Values in the sample of a namespace, and how many of them remain before it is halved. A choice: from 128 values on, the standard error of a
    count of all is at most 9 %. */
const MOST_SAMPLED = 400;
const MOST_REMAINING = 256;
/** Hashes of 32 bits. */
const ALL_HASHES = 2 ** 32;
/** Of the sequence. */
const NUMBERS_A_MS = 1024;
/** A value is not renewed sooner after a purge: where tags are purged all the time, each of its readers would write. A choice. */
const RENEWED_AFTER_MS = 100;
const YEAR_MS = 366 * 86_400_000;

const TAGS = { type: 'string', description: 'separated by commas' } as const;
const TTL_MS = { type: 'integer', minimum: 0, maximum: YEAR_MS, description: '0 for no end' } as const;

function tagsOf(list: string, call: CallContext): string[] {
  const tags = [...new Set(list.split(',').filter((tag) => tag !== ''))];
  if (tags.length > MOST_TAGS) call.refuse(`at most ${MOST_TAGS} tags`);
  if (tags.some((tag) => tag.length > LONGEST_TAG_BYTES)) call.refuse(`a tag has at most ${LONGEST_TAG_BYTES} bytes`);
  return tags;
}

function namespaceOf(call: CallContext): string {
  const slash = call.key.indexOf(SLASH);
  if (slash <= 0) call.refuse('the key of a value is NAMESPACE/ID');
  return call.key.slice(0, slash);
}

function demandNamespace(call: CallContext): void {
  if (call.key.includes(SLASH)) call.refuse('the key is that of a namespace, without /ID');
}

/** Nothing that was stored earlier is served: what the namespace knew of purges may have been lost. */
function begin(space: Table, call: CallContext): void {
  if (space.has('floor')) return;
  const now = call.sequence();
  space.set('newest', now);
  space.set('floor', now);
}

/** The latest purge of one of the tags, separated by commas, as a number of the sequence; 0 if there is none. */
function purgedAt(space: Table, index: 'purged' | 'stale', tags: string): number {
  return tags === '' ? 0 : (space.ordered(index).highest(tags, ',') ?? 0);
}

/** The last purge as a number of the sequence. A namespace that was stored by an earlier version of this file has none until it is purged. */
function newestPurge(space: Table): number {
  return (space.get('newest') as number | undefined) ?? Number.POSITIVE_INFINITY;
}

/** Whether nothing was purged since that number, or nothing that concerns the value (`renew`): then no tag has to be looked up. */
function isNewest(space: Table, number: number): boolean {
  return number >= newestPurge(space);
}

/** Whether a value with these tags that is as old as that number is to be served. */
function isCurrent(space: Table, tags: string, number: number): boolean {
  return number > (space.get('floor') as number) && number > purgedAt(space, 'purged', tags);
}

/** When a value with these tags became stale; 0 for never. */
function staleAt(space: Table, tags: string): number {
  // Most namespaces have no stale values.
  return space.has('leaseMs') ? purgedAt(space, 'stale', tags) : 0;
}

/** Records that the tags were purged now. */
function purge(space: Table, index: 'purged' | 'stale', tags: readonly string[], call: CallContext): string {
  begin(space, call);
  const times = space.ordered(index);
  const now = call.sequence();
  space.set('newest', now);
  for (const tag of tags) times.set(tag, now);
  while (times.count > MOST_PURGES) {
    const [, oldest] = times.popFirst() as readonly [string, number];
    if (oldest > (space.get('floor') as number)) space.set('floor', oldest);
  }
  return `OK ${tags.length}`;
}

/** The hash below which a value is in the sample. */
function sampledBelow(space: Table): number {
  return (space.get('sampledBelow') as number | undefined) ?? ALL_HASHES;
}

/** Whether a value of the sample is there, with the tag if one is given. It is not opened, which would keep it from being evicted. */
function isThere(space: Table, key: string, entry: string, call: CallContext, tag?: string): boolean {
  const [made, ends, ...tags] = entry.split(',');
  if (tag !== undefined && !tags.includes(tag)) return false;
  if (ends !== '' && Number(ends) <= call.monotonicMs) return false;
  const number = Number(made);
  return (isNewest(space, number) || isCurrent(space, tags.join(','), number)) && call.exists(call.type, key);
}

/** Notes a value if its hash is among those of the sample. */
function sample(space: Table, entry: string, call: CallContext): void {
  if (call.hash64(call.key)[0] >= sampledBelow(space)) return;
  const values = space.child('sample');
  values.set(call.key, entry);
  if (values.count > MOST_SAMPLED) thin(space, values, call);
}

/** Forgets values that are gone; and where too many remain, those in the upper half of the hashes. */
function thin(space: Table, values: Table, call: CallContext): void {
  for (const [key, entry] of values.entries()) {
    if (!isThere(space, String(key), String(entry), call)) values.delete(key);
  }
  if (values.count < MOST_REMAINING) return;
  const below = sampledBelow(space) / 2;
  space.set('sampledBelow', below);
  for (const key of values.keys()) if (call.hash64(String(key))[0] >= below) values.delete(key);
}

function store(
  self: Table,
  space: Table,
  tags: readonly string[],
  ttlMs: number,
  body: string,
  call: CallContext,
): string {
  if (body.startsWith(STALE))
    call.refuse('a value must not begin with STALE and a line end, by which get marks stale ones');
  self.clear();
  const made = call.sequence();
  const ends = ttlMs > 0 ? call.monotonicMs + ttlMs : '';
  self.set('made', made);
  self.set('tags', tags.join(','));
  self.set('body', body);
  if (ends !== '') self.set('ends', ends);
  sample(space, [made, ends, ...tags].join(','), call);
  // Objects expire by whole seconds of the server, the first of which has begun: hence one more.
  call.expire(ttlMs > 0 ? Math.ceil(ttlMs / 1000) + 1 : 0);
  return 'STORED';
}

/** When a value whose time is not over was stored, as a number of the sequence; 0 if there is none. */
function madeAt(self: Table, call: CallContext): number {
  const ends = self.get('ends') as number | undefined;
  if (ends !== undefined && ends <= call.monotonicMs) return 0;
  return (self.get('made') as number | undefined) ?? 0;
}

/** Whether the caller is the one that refreshes a stale value: one in each lease. */
function refreshes(self: Table, space: Table, call: CallContext): boolean {
  const now = call.monotonicMs;
  if (((self.get('leased') as number | undefined) ?? 0) > now) return false;
  call.open(call.type, call.key, 'write')?.set('leased', now + (space.get('leaseMs') as number));
  return true;
}

/** Makes a value whose tags were all looked up as new as the last purge, so that the next callers need not look them up. */
function renew(newest: number, call: CallContext): void {
  if (call.unixMs - newest / NUMBERS_A_MS < RENEWED_AFTER_MS) return;
  call.open(call.type, call.key, 'write')?.set('made', newest);
}

export default defineType({
  name: 'tag',
  summary: 'values that are invalidated by their tags',
  methods: {
    put: method({
      access: 'upsert',
      summary: 'stores a value of NAMESPACE/ID with its tags: STORED',
      parameters: { ttl_ms: TTL_MS, tags: TAGS, body: { type: 'string' } },
      run(self, { ttl_ms, tags, body }, call) {
        const list = tagsOf(tags, call);
        const space = call.open(call.type, namespaceOf(call), 'upsert');
        begin(space, call);
        return store(self, space, list, ttl_ms, body, call);
      },
    }),
    putsince: method({
      access: 'upsert',
      summary: 'the same, unless one of the tags was purged after the token of now was given: STORED, or MOVED',
      parameters: { token: { type: 'integer', minimum: 1 }, ttl_ms: TTL_MS, tags: TAGS, body: { type: 'string' } },
      run(self, { token, ttl_ms, tags, body }, call) {
        const list = tagsOf(tags, call);
        const space = call.open(call.type, namespaceOf(call), 'write');
        const names = list.join(',');
        if (space === undefined || !isCurrent(space, names, token) || staleAt(space, names) > token) return 'MOVED';
        return store(self, space, list, ttl_ms, body, call);
      },
    }),
    get: method({
      access: 'read',
      summary:
        'the body; a miss if a tag was purged since. Of a stale one, one caller in each lease gets STALE and the body',
      run(self, _none, call) {
        const space = call.open(call.type, namespaceOf(call));
        const made = madeAt(self, call);
        if (space === undefined || made === 0) return undefined;
        const newest = newestPurge(space);
        if (made >= newest) return self.get('body') as string;
        const tags = self.get('tags') as string;
        if (!isCurrent(space, tags, made)) return undefined;
        const body = self.get('body') as string;
        if (staleAt(space, tags) > made) return refreshes(self, space, call) ? STALE + body : body;
        renew(newest, call);
        return body;
      },
    }),
    tags: method({
      access: 'read',
      summary: 'the tags of a value that is served, and for each the number of its last purge, one per line',
      run(self, _none, call) {
        const space = call.open(call.type, namespaceOf(call));
        const made = madeAt(self, call);
        if (space === undefined || made === 0) return undefined;
        const tags = self.get('tags') as string;
        if (!isNewest(space, made) && !isCurrent(space, tags, made)) return undefined;
        if (tags === '') return tags;
        const line = (tag: string) => `${tag} ${space.ordered('purged').get(tag) ?? 0}`;
        return tags.split(',').map(line).join('\r\n');
      },
    }),
    count: method({
      access: 'read',
      summary:
        'OK values counted: about how many values have the tag and are served, by those that were counted; exact if both are the same',
      parameters: { tag: { type: 'string' } },
      run(self, { tag }, call) {
        demandNamespace(call);
        let counted = 0;
        const values = self.get('sample') as Table | undefined;
        for (const [key, entry] of values?.entries() ?? []) {
          if (isThere(self, String(key), String(entry), call, tag)) counted++;
        }
        return `OK ${Math.round((counted * ALL_HASHES) / sampledBelow(self))} ${counted}`;
      },
    }),
    now: method({
      access: 'upsert',
      summary: 'a token for putsince, to be taken before the source is read',
      run(self, _none, call) {
        demandNamespace(call);
        begin(self, call);
        return call.sequence();
      },
    }),
    purge: method({
      access: 'upsert',
      summary: 'makes all values of the namespace with one of these tags misses: OK tags',
      parameters: { tags: TAGS },
      run(self, { tags }, call) {
        demandNamespace(call);
        return purge(self, 'purged', tagsOf(tags, call), call);
      },
    }),
    softpurge: method({
      access: 'upsert',
      summary: 'makes them stale: in each lease one caller gets STALE and computes the value again: OK tags',
      parameters: { tags: TAGS, lease_ms: { type: 'integer', minimum: 1, maximum: 3_600_000, default: 10_000 } },
      run(self, { tags, lease_ms }, call) {
        demandNamespace(call);
        self.set('leaseMs', lease_ms);
        return purge(self, 'stale', tagsOf(tags, call), call);
      },
    }),
  },
});
