// getHashMap() and items of scripts in the original's style, over the call's plain items. Changes wait for the commit.
// Objects: legacy-execute.ts.

import type { StoredItem } from '../../../objects/calls/item-access.js';
import { activeCall } from '../host/active-call.js';
import {
  argument,
  argumentError,
  checkNumber,
  checkText,
  pushNil,
  pushNumber,
  pushTable,
  pushText,
  textValue,
} from '../libraries/host-functions.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, Native } from '../vm/fengari-types.js';
import { LuaString, STRING_OVERHEAD_BYTES, textOf } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { pushSlot } from '../vm/vm-calls.js';
import { MethodObject, type MethodTable, selfOf } from './method-object.js';

const { ltable } = fengari;
/** Memory of an item's handle in V8, in addition to the item's bytes. */
const ITEM_BYTES = 300;

export class ItemHandle extends MethodObject {
  protected readonly kind = 'item';

  protected get methods(): MethodTable {
    return ITEM_METHODS;
  }

  constructor(readonly item: StoredItem) {
    super();
  }

  override get sizeBytes(): number {
    return super.sizeBytes + this.item.bytes.length + this.item.key.length;
  }
}

/** Steps of a method of an item, in addition to those of its bytes. */
const READER_STEPS = 3;

function reader(name: string, read: (L: LuaState, item: StoredItem) => number): [string, Native] {
  return [
    name,
    (L) => {
      meter.charge(READER_STEPS);
      return read(L, selfOf(L, ItemHandle, name).item);
    },
  ];
}

const ITEM_METHODS: MethodTable = new Map<string, Native>([
  reader('getKey', (L, item) => pushText(L, item.key)),
  reader('getKeySize', (L, item) => pushNumber(L, item.key.length)),
  reader('getExpiryTime', (L, item) => pushNumber(L, item.expiresAtUnix)),
  reader('getFlags', (L, item) => pushNumber(L, item.clientFlags)),
  reader('getDataSize', (L, item) => pushNumber(L, item.bytes.length)),
  reader('getData', (L, { bytes }) => {
    meter.chargeBytes(bytes.length + STRING_OVERHEAD_BYTES);
    pushSlot(L).setsvalue(new LuaString(null, textOf(bytes)));
    return 1;
  }),
  // The original released a reference here; there is none to release.
  reader('delete', () => 0),
]);

export function pushItem(L: LuaState, item: StoredItem): number {
  meter.chargeBytes(ITEM_BYTES + item.key.length);
  pushSlot(L).setuvalue(new ItemHandle(item));
  return 1;
}

export function itemArgument(L: LuaState, n: number, name: string): StoredItem {
  const { value } = argument(L, n);
  return value instanceof ItemHandle ? value.item : argumentError(L, n, name, 'item expected');
}

class HashMap extends MethodObject {
  protected readonly kind = 'the hash map';

  protected get methods(): MethodTable {
    return HASH_MAP_METHODS;
  }
}

const HASH_MAP_METHODS: MethodTable = new Map<string, Native>([
  [
    'get',
    (L) => {
      const item = activeCall.contextOf(L).items.get(checkText(L, 2, 'get'));
      return item === undefined ? pushNil(L) : pushItem(L, item);
    },
  ],
  [
    'put',
    (L) => {
      activeCall.contextOf(L).items.put(itemArgument(L, 2, 'put'));
      return 0;
    },
  ],
  [
    'delete',
    (L) => {
      activeCall.contextOf(L).items.delete(checkText(L, 2, 'delete'));
      return 0;
    },
  ],
  [
    'deleteLRU',
    (L) => {
      activeCall.contextOf(L).items.deleteLeastRecentlyUsed(Math.max(0, checkNumber(L, 2, 'deleteLRU')));
      return 0;
    },
  ],
  [
    'getPrefixMatchingKeys',
    (L) => {
      const keys = activeCall.contextOf(L).items.keysWithPrefix(checkText(L, 2, 'getPrefixMatchingKeys'));
      if (keys.length === 0) return pushNil(L);
      const table = pushTable(L);
      keys.forEach((key, index) => {
        meter.charge(1);
        meter.chargeBytes(STRING_OVERHEAD_BYTES);
        ltable.luaH_setint(table, index + 1, textValue(key));
      });
      return 1;
    },
  ],
]);

export const HASH_MAP = new HashMap();

export const getHashMap: Native = (L) => {
  pushSlot(L).setuvalue(HASH_MAP);
  return 1;
};
