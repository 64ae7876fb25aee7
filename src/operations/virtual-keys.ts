// Where keys that name a method call, and objects asked for by their own key, leave the path of ordinary keys. Not for making
// calls (object-keys.ts); an engine without objects has none of this.

import type { Step } from '../protocols/run.js';
import type { CommandContext } from '../protocols/text/text-context.js';
import { ItemOption } from '../store/item.js';
import type { ItemRef, ReservedRef, Store } from '../store/store.js';

export interface VirtualKeys {
  /** A connection's turn begins: calls are timed from here. */
  beginTurn(): void;
  /** Whether the key names a call; if so, one of the following three comes while its bytes are in place. Asked for every key, so
      it must tell an ordinary key by its first bytes. */
  isCall(keyAt: number, keyLength: number): boolean;
  /** Answers a retrieval: the only key of a plain `get`, with END, or one key of a list. There is room for a short reply. */
  retrieve(context: CommandContext): Step;
  /** Answers a storage command whose data block lies at `valueAt` in the input. */
  store(context: CommandContext, valueAt: number): Step;
  /** The same for a data block that was received into a reserved item, which is given back. */
  storeReserved(context: CommandContext, reserved: ReservedRef): Step;
  /** Answers a retrieval, as `retrieve` does, by the content of the object that stands at the key. */
  retrieveObject(context: CommandContext): Step;
  /** Sets the expiry of the object at the key to that of the request; false when there is no memory for it. */
  touchObject(context: CommandContext): boolean;
}

/** Whether the item's value is an object, which has no bytes that a command could append to or count with. */
export function isObject(store: Store, item: ItemRef): boolean {
  return store.items.has(item, ItemOption.object);
}
