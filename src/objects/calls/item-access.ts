// Plain items by key, as scripts in the original's style use them through getHashMap(). Reads see the store as it is;
// changes wait until the call commits. Objects are opened as tables instead.

export interface StoredItem {
  readonly key: string;
  readonly clientFlags: number;
  /** Unix second, 0 = never. */
  readonly expiresAtUnix: number;
  readonly bytes: Uint8Array;
}

export interface ItemAccess {
  /** A copy of the item; the JSON of an object's content. Undefined when there is none. */
  get(key: string): StoredItem | undefined;
  put(item: StoredItem): void;
  delete(key: string): void;
  /** Frees at least `bytes` from the end of the LRU list. */
  deleteLeastRecentlyUsed(bytes: number): void;
  /** The keys that start with a prefix. Each key that is visited is charged to the budget. */
  keysWithPrefix(prefix: string): string[];
}
