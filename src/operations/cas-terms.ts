// The CAS tokens of a request: the one that the item must have, and the one that it gets.

import { Unsigned64 } from '../base/unsigned64.js';
import type { ItemRef, Store } from '../store/store.js';

const NO_ITEM = 0 as ItemRef;

/** @perThread */
export class CasTerms {
  /** The token that the item must have, for `compareCas` options; set it before the operation. */
  readonly compared = new Unsigned64();
  /** The token that the item gets, for `assignCas` options. */
  readonly assigned = new Unsigned64();

  constructor(private readonly store: Store) {}

  /** Whether the item has the compared token. If the item has none, no client has read it for cas, so no token can match; 0 stands
      for none. */
  matches(item: ItemRef): boolean {
    const high = this.store.casHigh(item);
    const low = this.store.casLow(item);
    return (high !== 0 || low !== 0) && this.compared.equals(high, low);
  }

  /** Whether the compared token is older than the item's. */
  isOlder(item: ItemRef): boolean {
    const { compared, store } = this;
    const high = store.casHigh(item);
    return compared.high < high || (compared.high === high && compared.low < store.casLow(item));
  }

  /** The item, which may move, with the assigned token; 0 when there is no memory for it. */
  assignTo(item: ItemRef): ItemRef {
    const owner = this.store.ensureCas(item);
    if (owner !== NO_ITEM) this.store.cas.set(owner, this.assigned.high, this.assigned.low);
    return owner;
  }
}
