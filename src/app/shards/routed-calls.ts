// Where calls go: reads lines with keys, finds the server of each key, and the calls and objects that would be on more than one. Which
// arguments name objects is not known without the types, so an argument with a hash tag counts as one.

import type { ChooseServer, ShardServer } from './server-choice.js';

/** The two characters around a hash tag, such as `{}`; undefined if keys are hashed as a whole. */
export type TagMarks = readonly [open: string, close: string] | undefined;

export interface RoutedKey {
  readonly key: string;
  readonly server: ShardServer;
  /** Why the call does not find all of its objects, or does so by chance; undefined if it does. */
  split?: string;
  isChance?: boolean;
}

/** The object that a virtual key is for, as its item is named, and the parts after its key. */
interface ObjectCall {
  readonly item: string;
  readonly others: readonly string[];
}

export class CallRoutes {
  readonly keys: RoutedKey[] = [];
  /** The first key for each object. */
  readonly #firstKeys = new Map<string, RoutedKey>();

  constructor(
    private readonly choose: ChooseServer,
    private readonly marks: TagMarks,
    private readonly isType: (name: string) => boolean,
  ) {}

  /** A line has a virtual key, and may have further keys after it that the same call uses. */
  add(line: string): void {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const [first, ...further] = words.map((word) => this.#route(word));
    if (first === undefined) return;
    for (const { key, server } of further) this.#compare(first, key, server, true);
  }

  #route(key: string): RoutedKey {
    const routed: RoutedKey = { key, server: this.choose(this.#hashed(key)) };
    this.keys.push(routed);
    const call = this.#callOf(key);
    if (call === undefined) return routed;
    for (const other of call.others) {
      const tag = this.#tagOf(other);
      if (tag !== undefined) this.#compare(routed, other, this.choose(tag), tag === this.#tagOf(key));
    }
    const earlier = this.#firstKeys.get(call.item);
    if (earlier === undefined) this.#firstKeys.set(call.item, routed);
    else if (earlier.server !== routed.server) {
      routed.split = `${call.item} is also on ${earlier.server.address}, by ${earlier.key}`;
      routed.isChance = false;
    }
    if (this.marks !== undefined && routed.split === undefined && this.#tagOf(key) === undefined) {
      routed.split = `without a tag, other calls of ${call.item} may go to another server`;
      routed.isChance = true;
    }
    return routed;
  }

  #compare(routed: RoutedKey, other: string, server: ShardServer, isSameTag: boolean): void {
    if (server !== routed.server) {
      routed.split = `${other} is on ${server.address}`;
      routed.isChance = false;
    } else if (!isSameTag && routed.split === undefined) {
      routed.split = `${other} is on the same server by chance, since the tags differ`;
      routed.isChance = true;
    }
  }

  #hashed(key: string): string {
    return this.#tagOf(key) ?? key;
  }

  /** As in nutcracker: the first tag of a key counts, and an empty one does not. */
  #tagOf(text: string): string | undefined {
    if (this.marks === undefined) return undefined;
    const [open, close] = this.marks;
    const start = text.indexOf(open);
    const end = start < 0 ? -1 : text.indexOf(close, start + 1);
    return end > start + 1 ? text.slice(start + 1, end) : undefined;
  }

  /** `type:method:key:others`, or the name of an item, `type$key`. */
  #callOf(text: string): ObjectCall | undefined {
    const item = /^([a-z][a-z0-9_]*)\$/.exec(text);
    if (item !== null) return this.isType(item[1]) ? { item: text, others: [] } : undefined;
    const [type = '', method = '', key = '', ...others] = text.split(':');
    if (!this.isType(type) || !/^[a-zA-Z]\w*$/.test(method) || key === '') return undefined;
    return { item: `${type}$${key}`, others };
  }
}
