// What the context of calls (call-context.ts) is made of.

import type { Arena, Window } from '../../arena/memory.js';
import type { Clock } from '../../base/clock.js';
import type { Metrics } from '../../base/metrics.js';
import type { ReplyText } from '../../base/reply-text.js';
import type { TableStore } from '../../tables/table-store.js';
import type { Registry } from '../types/registry.js';
import type { StoreItems } from './store-items.js';
import type { Log } from './type-lines.js';

export interface ContextParts {
  readonly arena: Arena;
  readonly scratch: Window;
  readonly clock: Clock;
  /** Encodes short results. */
  readonly replyText: ReplyText;
  readonly tables: TableStore;
  readonly items: StoreItems;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly log: Log;
  /** The longest result (-I). */
  readonly resultLimitBytes: number;
}
