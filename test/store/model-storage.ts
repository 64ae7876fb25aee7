// The expected effects of storage commands, computed by the model and compared with the server's replies.

import { assert } from '../../src/base/assert.js';
import { type Entry, Event, type Model } from './model.js';
import type { ModelServer } from './model-server.js';

export interface Storage {
  readonly verb: 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  readonly exptime: number;
  readonly expiresAt: number;
  readonly token: string;
}

export const TOO_LARGE = 'SERVER_ERROR object too large for cache\r\n';
export const NO_ROOM = 'SERVER_ERROR out of memory storing object\r\n';

export function storageLine({ verb, key, value, flags, exptime, token }: Storage): string {
  return `${verb} ${key} ${flags} ${exptime} ${value.length}${verb === 'cas' ? ` ${token}` : ''}\r\n`;
}

export function expectReply(what: string, actual: string, expected: string): void {
  if (actual === expected) return;
  const shorten = (text: string): string =>
    text.length < 300 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 150))}... (${text.length} bytes)`;
  throw new Error(`${what}: answered ${shorten(actual)} instead of ${shorten(expected)}`);
}

/** Makes the model evict as many items as the store reports; to grow the index even the request's own item may be evicted. */
export function follow(model: Model, events: readonly Event[], kept: Entry | undefined, stored: () => void): void {
  let forIndex = false;
  for (const event of events) {
    if (event === Event.evicted) model.evict(forIndex ? undefined : kept);
    else if (event === Event.stored) stored();
    forIndex = event === Event.indexDenied;
  }
}

/** Checks a complete storage request. If its value arrived in parts, memory was reserved before the condition was checked. */
export function judgeStorage(
  model: Model,
  server: ModelServer,
  request: Storage,
  reply: string,
  events: Event[],
  roomFirst: boolean,
): void {
  const { verb, key, value } = request;
  if (!server.fits(key, value.length)) {
    expectReply(verb, reply, TOO_LARGE);
    if (verb === 'set') model.entries.delete(key);
    return;
  }
  if (reply === NO_ROOM) {
    acceptNoRoom(model, server, verb === 'set' ? undefined : key, key);
    return;
  }
  if (roomFirst) {
    while (events[0] === Event.evicted && verb !== 'append' && verb !== 'prepend') {
      model.evict();
      events.shift();
    }
  }
  if (verb === 'append' || verb === 'prepend') {
    judgeJoin(model, server, request, reply, events);
    return;
  }
  const answer = answerOf(model, request);
  expectReply(verb, reply, answer);
  if (answer !== 'STORED\r\n') {
    const old = model.live(key);
    if (verb === 'add' && old !== undefined) model.use(key, old);
    assert(events.length === 0, 'a refused request evicts nothing');
    return;
  }
  const { flags, expiresAt } = request;
  follow(model, events, undefined, () => {
    model.use(key, { value, flags, expiresAt, token: undefined, pinned: false });
  });
}

function answerOf(model: Model, { verb, key, token }: Storage): string {
  const old = model.live(key);
  if (verb === 'set') return 'STORED\r\n';
  if (verb === 'add') return old === undefined ? 'STORED\r\n' : 'NOT_STORED\r\n';
  if (verb === 'replace') return old === undefined ? 'NOT_STORED\r\n' : 'STORED\r\n';
  if (old === undefined) return 'NOT_FOUND\r\n';
  return old.token === token ? 'STORED\r\n' : 'EXISTS\r\n';
}

function judgeJoin(model: Model, server: ModelServer, request: Storage, reply: string, events: Event[]): void {
  const { verb, key, value } = request;
  const old = model.live(key);
  if (reply === 'STORED\r\n') {
    if (old === undefined) throw new Error(`${verb}: stored although there was nothing to join`);
    const { flags, expiresAt } = old;
    const joined = verb === 'append' ? old.value + value : value + old.value;
    assert(server.fits(key, joined.length), 'the joined value is allowed');
    follow(model, events, old, () => {
      model.use(key, { value: joined, flags, expiresAt, token: undefined, pinned: false });
    });
    return;
  }
  // The old value may have been evicted to make room for the piece.
  follow(model, events, undefined, () => {
    throw new Error(`${verb}: stored, but the answer is ${reply}`);
  });
  const left = model.live(key);
  if (left === undefined) expectReply(verb, reply, 'NOT_STORED\r\n');
  else if (!server.fits(key, left.value.length + value.length)) expectReply(verb, reply, 'NOT_STORED\r\n');
  else expectReply(verb, reply, 'STORED\r\n');
}

/** Refused for lack of room: correct only if nothing could be evicted except the request's own item. */
export function acceptNoRoom(model: Model, server: ModelServer, kept: string | undefined, refused: string): void {
  model.refusals++;
  if (kept === undefined) {
    assert(server.find(refused) === 0, 'a refused set leaves no old value');
    model.entries.delete(refused);
  }
  if (!server.evictionsAllowed) return;
  const real = server.keys();
  const spared = real.filter((key) => key !== kept && model.entries.get(key)?.pinned !== true);
  if (spared.length > 0) throw new Error(`no room, although ${spared.slice(0, 5).join(' ')} might have gone`);
  model.keepOnly(real.reverse());
}
