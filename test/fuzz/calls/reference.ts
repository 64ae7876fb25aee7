// What the calls of target `calls` must do, on maps in ordinary memory: objects and plain values by their item keys, and calls that change all
// of them or none.

import type { Step, Value } from '../../objects/composer.js';

const DEEPEST = 16;

/** An object during a call. */
class Entry {
  readonly fields = new Map<string, Value>();
  /** Kept only if something is in it at the end. */
  isTentative = false;
  /** Its handles cannot be used: it was removed or replaced. */
  isGone = false;
  isWritable = true;

  get isThere(): boolean {
    return !(this.isTentative && this.fields.size === 0);
  }

  copy(): Entry {
    const entry = new Entry();
    for (const [field, value] of this.fields) entry.fields.set(field, value);
    entry.isWritable = false;
    return entry;
  }

  content(): Value {
    return Object.fromEntries(this.fields);
  }
}

/** The method that runs. */
interface Frame {
  readonly type: string;
  readonly key: string;
  readonly access: string;
  readonly self: Entry;
  readonly isNew: boolean;
  readonly existed: boolean;
  isAbandoned: boolean;
}

class Failed extends Error {}

const ACCESS: Readonly<Record<string, string>> = { make: 'create', read: 'read', write: 'write', upsert: 'upsert' };
const NOTHING = Symbol('no object');

export type Outcome = { readonly kind: 'result'; readonly value: Value } | { readonly kind: 'miss' | 'error' };

export class Reference {
  /** An object, or the bytes of a plain value, by item key. */
  items = new Map<string, Entry | string>();
  private depth = 0;

  /** The content of all items. */
  content(): Map<string, Value> {
    const all = [...this.items].map(([key, item]): [string, Value] => [
      key,
      item instanceof Entry ? item.content() : item,
    ]);
    return new Map(all);
  }

  call(type: string, method: string, key: string, steps: readonly Step[], mustFail: boolean): Outcome {
    const before = this.items;
    this.items = new Map([...before].map(([name, item]) => [name, item instanceof Entry ? item.copy() : item]));
    this.depth = 0;
    try {
      const result = this.invoke(type, method, key, steps);
      if (mustFail) throw new Failed();
      if (result === NOTHING) {
        this.items = before;
        return { kind: 'miss' };
      }
      for (const [name, item] of this.items) if (item instanceof Entry && !item.isThere) this.items.delete(name);
      return result === undefined ? { kind: 'miss' } : { kind: 'result', value: result };
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      this.items = before;
      return { kind: 'error' };
    }
  }

  private invoke(
    type: string,
    method: string,
    key: string,
    steps: readonly Step[],
  ): Value | undefined | typeof NOTHING {
    const access = ACCESS[method];
    if (access === undefined || this.depth > DEEPEST) throw new Failed();
    const name = `${type}$${key}`;
    const old = this.items.get(name);
    if (typeof old === 'string') throw new Failed();
    const isThere = old?.isThere === true;
    if (!isThere && (access === 'read' || access === 'write')) return NOTHING;
    const isMade = access === 'create' || old === undefined;
    const self = isMade ? new Entry() : old;
    if (access === 'create' && old !== undefined) old.isGone = true;
    if (access === 'upsert' && isMade) self.isTentative = true;
    const wasWritable = old?.isWritable === true;
    self.isWritable = access !== 'read';
    this.items.set(name, self);
    const frame: Frame = {
      type,
      key,
      access,
      self,
      isNew: access === 'upsert' && !isThere,
      existed: access === 'create' && isThere,
      isAbandoned: false,
    };
    const isNested = this.depth++ > 0;
    const result = this.perform(steps, frame);
    this.depth--;
    if (access === 'create' && (result === undefined || frame.isAbandoned)) this.abandon(name, self, old);
    const now = this.items.get(name);
    if (isNested && now instanceof Entry) now.isWritable = wasWritable;
    return result;
  }

  private abandon(name: string, self: Entry, old: Entry | undefined): void {
    if (this.items.get(name) !== self) return;
    if (old === undefined) this.items.delete(name);
    else {
      old.isGone = false;
      this.items.set(name, old);
    }
  }

  private perform(steps: readonly Step[], frame: Frame): Value | undefined {
    const handles = new Map<string, Entry | undefined>([['self', frame.self]]);
    const results: Value[] = [];
    for (const step of steps) {
      if (step[0] === 'return') return step[1] ?? undefined;
      if (step[0] === 'returnSelf') return usable(frame.self).content();
      if (step[0] === 'returnNothing') return undefined;
      results.push(this.step(step, frame, handles) ?? null);
    }
    return results;
  }

  private step(step: Step, frame: Frame, handles: Map<string, Entry | undefined>): Value | undefined {
    switch (step[0]) {
      case 'open':
        handles.set(step[1], this.open(`${step[2]}$${step[3]}`, step[4] ?? 'read'));
        return handles.get(step[1]) !== undefined;
      case 'create':
        handles.set(step[1], this.create(`${step[2]}$${step[3]}`));
        return true;
      case 'exists': {
        const item = this.items.get(`${step[1]}$${step[2]}`);
        return typeof item === 'object' && item.isThere;
      }
      case 'remove':
        if (step.length > 1) return this.remove(`${step[1]}$${step[2]}`);
        if (frame.access === 'read') throw new Failed();
        return this.remove(`${frame.type}$${frame.key}`);
      case 'set':
        writable(handles.get(step[1])).fields.set(step[2], step[3]);
        return undefined;
      case 'get':
        return usable(handles.get(step[1])).fields.get(step[2]);
      case 'delete':
        return writable(handles.get(step[1])).fields.delete(step[2]);
      case 'content':
        return usable(handles.get(step[1])).content();
      case 'invoke': {
        const result = this.invoke(step[1], step[2], step[3], (step[4]?.steps ?? []) as unknown as readonly Step[]);
        return result === NOTHING ? undefined : result;
      }
      case 'try':
        return this.step(step[1], frame, handles);
      case 'value':
        return this.plain(step[1]);
      case 'setValue':
        this.plain(step[1]);
        this.items.set(step[1], step[2]);
        return undefined;
      case 'deleteValue':
        if (this.plain(step[1]) === undefined) return false;
        return this.items.delete(step[1]);
      case 'call':
        return frame[step[1] as 'key' | 'type' | 'isNew' | 'existed'];
      case 'abandon':
        if (frame.access !== 'create') throw new Failed();
        frame.isAbandoned = true;
        return undefined;
      default:
        throw new Failed();
    }
  }

  private open(name: string, access: string): Entry | undefined {
    const item = this.items.get(name);
    if (typeof item === 'string') throw new Failed();
    if (access !== 'upsert' && item?.isThere !== true) return undefined;
    const entry = item ?? new Entry();
    if (item === undefined) {
      entry.isTentative = true;
      this.items.set(name, entry);
    }
    if (access !== 'read') entry.isWritable = true;
    return entry;
  }

  private create(name: string): Entry {
    const old = this.items.get(name);
    if (typeof old === 'string') throw new Failed();
    if (old !== undefined) old.isGone = true;
    const entry = new Entry();
    this.items.set(name, entry);
    return entry;
  }

  private remove(name: string): boolean {
    const item = this.items.get(name);
    if (typeof item === 'string') throw new Failed();
    if (item === undefined) return false;
    const { isThere } = item;
    item.isGone = true;
    this.items.delete(name);
    return isThere;
  }

  private plain(name: string): string | undefined {
    const item = this.items.get(name);
    if (item instanceof Entry) throw new Failed();
    return item;
  }
}

function usable(entry: Entry | undefined): Entry {
  if (entry === undefined || entry.isGone) throw new Failed();
  return entry;
}

function writable(entry: Entry | undefined): Entry {
  if (!usable(entry).isWritable) throw new Failed();
  return entry as Entry;
}
