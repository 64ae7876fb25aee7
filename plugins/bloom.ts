// Seen before? A Bloom filter: a member that was added is always found; one that was not is found with a probability of at most `error`.
//
// Nothing can be deleted, and a filter never shrinks: a bit belongs to many members. One that is evicted, or lost with the server, starts
// anew, and all members are new again. It takes 1.2 bytes a member at an error of 1 %, 1.8 at 0.1 %, as they are written. With `growth`,
// full layers are followed by larger ones with half the error each, so that all of them together stay below `error`; with growth `none` the
// one layer has the whole error, and replies FULL beyond its capacity. With `generations`, members are forgotten: the newest generation
// takes what is added, and the oldest is dropped every `gen_ms`. Two of half a day each know what came in the last half day at least.
//
// Fields: error (of each generation), growth (0: none), generations, genMs; oldest, newest: the numbers of the layers. Each number is the key of a
// byte array: a header, and bits.

import { type ByteArray, type CallContext, defineType, method, type Table } from 'cacheismo';
import {
  addToOnly,
  CAPACITY,
  contains,
  DEPTH,
  ENDS,
  FORGOTTEN,
  HASHES,
  HEADER_BYTES,
  hasEnded,
  ITEMS,
  LASTS,
  type Layer,
  layersOf,
  onlyHas,
  saveItems,
} from './lib/layers.js';

const MOST_MEMBERS = 400_000_000;
const MOST_LISTED = 1000;
/** Hashes of 64 bits tell members no better apart. */
const LEAST_ERROR = 1e-18;
/** Members times the layers that they are looked for in and the bits that each sets, so that a call takes less than 10 ms. Measured: 0.2 to
    0.4 us each. */
const MOST_LOOKED_UP = 24_000;
/** Of a filter that `add` makes. */
const DEFAULTS = { capacity: 1000, error: 0.01, growth: '2', generations: 1, gen_ms: 0 };

interface Options {
  readonly capacity: number;
  readonly error: number;
  readonly growth: string;
  readonly generations: number;
  readonly gen_ms: number;
}

function numberIn(self: Table, field: string): number {
  return self.get(field) as number;
}

/** Adds a layer of the generation that ends at that time; returns its bytes. */
function addLayer(self: Table, number: number, capacity: number, depth: number, ends: number): ByteArray {
  const growth = numberIn(self, 'growth');
  const error = numberIn(self, 'error') / (growth === 0 ? 1 : 2 ** (depth + 1));
  const bits = Math.ceil((-capacity * Math.log(error)) / Math.LN2 ** 2);
  const layer = self.bytes(number, HEADER_BYTES + Math.ceil(bits / 8));
  layer.setU32(CAPACITY, capacity);
  layer.setU8(HASHES, Math.max(1, Math.round(-Math.log2(error))));
  layer.setU8(DEPTH, depth);
  if (depth === 0 && ends === Number.POSITIVE_INFINITY) layer.setU8(LASTS, 1);
  layer.setF64(ENDS, ends);
  layer.setF64(FORGOTTEN, ends + (numberIn(self, 'generations') - 1) * numberIn(self, 'genMs'));
  self.set('newest', number);
  return layer;
}

function create(self: Table, { capacity, error, growth, generations, gen_ms }: Options, call: CallContext): ByteArray {
  if (generations > 1 !== gen_ms > 0) call.refuse('generations and gen_ms belong together: set both, or none');
  self.set('capacity', capacity);
  self.set('error', error / generations);
  self.set('growth', growth === 'none' ? 0 : Number(growth));
  self.set('generations', generations);
  self.set('genMs', gen_ms);
  self.set('oldest', 0);
  return addLayer(self, 0, capacity, 0, gen_ms > 0 ? call.monotonicMs + gen_ms : Number.POSITIVE_INFINITY);
}

/** Begins the generation of now, and drops those that are forgotten. */
function rotate(self: Table, now: number): void {
  const newest = numberIn(self, 'newest');
  const ends = self.bytes(newest).getF64(ENDS);
  const genMs = numberIn(self, 'genMs');
  const capacity = nextCapacity(self);
  let oldest = numberIn(self, 'oldest');
  while (oldest <= newest && self.bytes(oldest).getF64(FORGOTTEN) <= now) self.delete(oldest++);
  self.set('oldest', oldest);
  addLayer(self, newest + 1, capacity, 0, ends + (Math.floor((now - ends) / genMs) + 1) * genMs);
}

/** The least capacity that the first layer of a generation needs for as many members as the last one had, but none that has not been needed
    yet: a generation with few layers takes less time. */
function nextCapacity(self: Table): number {
  const newest = numberIn(self, 'newest');
  const growth = numberIn(self, 'growth');
  const least = numberIn(self, 'capacity');
  const layer = self.bytes(newest);
  if (growth === 0) return least;
  let items = 0;
  for (let depth = 0; depth <= layer.getU8(DEPTH); depth++) items += self.bytes(newest - depth).getU32(ITEMS);
  let capacity = layer.getU32(CAPACITY);
  while (capacity / growth >= Math.max(items, least)) capacity /= growth;
  return capacity;
}

/** The layers to add to. */
interface Filter {
  layers: Layer[];
}

function openToAdd(self: Table, call: CallContext): Filter {
  if (call.isNew && self.count === 0) create(self, DEFAULTS, call);
  const layers = layersOf(self, call);
  if (layers.length > 0 && !hasEnded(layers[0], call)) return { layers };
  rotate(self, call.monotonicMs);
  return { layers: layersOf(self, call) };
}

/** Adds a member: 1 if it is new, 0 or FULL. */
function addTo(self: Table, filter: Filter, member: string, call: CallContext): number | 'FULL' {
  const hash = call.hash64(member);
  const { layers } = filter;
  const [newest] = layers;
  const found = layers.length > 1 ? layers.find((layer) => contains(layer, hash)) : undefined;
  if (found?.ends === newest.ends) return 0;
  if (newest.items >= newest.capacity) {
    if (contains(newest, hash)) return 0;
    if (!grow(self, newest)) return 'FULL';
    filter.layers = layersOf(self, call);
  }
  const [to] = filter.layers;
  if (to.array.setHashed(hash[0], hash[1], to.hashes, HEADER_BYTES) === 0) return 0;
  to.items++;
  // The newest generation remembers one that is found in an older one longer.
  return found === undefined ? 1 : 0;
}

function addOne(self: Table, member: string, call: CallContext): number | 'FULL' {
  return addToOnly(self, member, call) ?? addToAny(self, member, call);
}

function addToAny(self: Table, member: string, call: CallContext): number | 'FULL' {
  const filter = openToAdd(self, call);
  const result = addTo(self, filter, member, call);
  saveItems(filter.layers[0]);
  return result;
}

/** The same for members one after the other. */
function addAll(self: Table, members: readonly string[], call: CallContext): (number | 'FULL')[] {
  if (members.length === 0) return [];
  const filter = openToAdd(self, call);
  demandFew(members, filter.layers, call);
  const results = members.map((member) => addTo(self, filter, member, call));
  saveItems(filter.layers[0]);
  return results;
}

/** Adds a larger layer to the newest generation; false if that may not be. */
function grow(self: Table, newest: Layer): boolean {
  const { depth, ends } = newest;
  const growth = numberIn(self, 'growth');
  const capacity = newest.capacity * growth;
  if (growth === 0 || capacity > MOST_MEMBERS) return false;
  saveItems(newest);
  addLayer(self, numberIn(self, 'newest') + 1, capacity, depth + 1, ends);
  return true;
}

function has(layers: readonly Layer[], member: string, call: CallContext): number {
  const hash = call.hash64(member);
  return layers.some((layer) => contains(layer, hash)) ? 1 : 0;
}

function hasAll(self: Table, members: readonly string[], call: CallContext): number[] {
  const layers = layersOf(self, call);
  demandFew(members, layers, call);
  return members.map((member) => has(layers, member, call));
}

function demandFew(members: readonly string[], layers: readonly Layer[], call: CallContext): void {
  const bits = Math.max(0, ...layers.map(({ hashes }) => hashes));
  const most = Math.max(1, Math.floor(MOST_LOOKED_UP / (layers.length + bits)));
  if (members.length <= most) return;
  call.refuse(
    `at most ${most} members at a time, since the filter has ${layers.length} layers and sets ${bits} bits for a member`,
  );
}

function info(self: Table, call: CallContext): string {
  let [capacity, items, layers, bytes] = [0, 0, 0, 0];
  // The logarithm of the probability that no layer errs: one error may be too small to be told from 1.
  let right = 0;
  for (const layer of layersOf(self, call)) {
    capacity += layer.capacity;
    items += layer.items;
    layers++;
    bytes += layer.array.length;
    const filled = -Math.expm1((-layer.hashes * layer.items) / ((layer.array.length - HEADER_BYTES) * 8));
    right += Math.log1p(-(filled ** layer.hashes));
  }
  return `INFO ${capacity} ${items} ${layers} ${bytes} ${Number((-Math.expm1(right)).toPrecision(3))}`;
}

const member = { type: 'string' } as const;
const members = { type: 'array', items: { type: 'string' }, maxItems: MOST_LISTED } as const;

export default defineType({
  name: 'bloom',
  summary: 'whether a member was seen before: a Bloom filter',
  missing: 'empty',
  methods: {
    new: method({
      access: 'create',
      summary: 'CREATED and the bytes of the filter; `growth` is 2, 4 or none',
      parameters: {
        capacity: { type: 'integer', minimum: 1, maximum: MOST_MEMBERS },
        error: { type: 'number', minimum: LEAST_ERROR, exclusiveMaximum: 1, default: 0.01 },
        growth: { type: 'string', enum: ['2', '4', 'none'], default: '2' },
        generations: { type: 'integer', minimum: 1, maximum: 32, default: 1 },
        gen_ms: { type: 'integer', minimum: 0, maximum: 31_536_000_000, default: 0 },
      },
      run: (self, options, call) => `CREATED ${create(self, options, call).length}`,
    }),
    add: method({
      access: 'upsert',
      summary: '1 if the member is new, 0 if it was probably seen, FULL if there is no room for it',
      parameters: { member },
      run: (self, args, call) => addOne(self, args.member, call),
    }),
    addall: method({
      access: 'upsert',
      summary: 'the same for each of a JSON list, separated by blanks',
      parameters: { members },
      run: (self, args, call) => addAll(self, args.members, call).join(' '),
    }),
    has: method({
      access: 'read',
      summary: '1 if the member was probably added, 0 if it was not',
      parameters: { member },
      run: (self, args, call) => onlyHas(self, args.member, call) ?? has(layersOf(self, call), args.member, call),
    }),
    hasall: method({
      access: 'read',
      summary: 'the same for each of a JSON list, separated by blanks',
      parameters: { members },
      run: (self, args, call) => hasAll(self, args.members, call).join(' '),
    }),
    info: method({
      access: 'read',
      summary: 'INFO, capacity, members, layers, bytes, probability of an error now',
      run: (self, _none, call) => info(self, call),
    }),
  },
});
