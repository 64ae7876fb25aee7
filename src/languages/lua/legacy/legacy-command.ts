// The command object of scripts in the original's style: the client's request, and functions to reply. Commands to other servers do not
// exist here.

import { RELATIVE_LIMIT_SECONDS } from '../../../base/clock.js';
import type { StoredItem } from '../../../objects/calls/item-access.js';
import type { InvocationContext } from '../../../objects/types/loaded-type.js';
import { activeCall } from '../host/active-call.js';
import {
  argument,
  checkNumber,
  checkText,
  isTruthy,
  pushBoolean,
  pushNil,
  pushNumber,
  pushTable,
  pushText,
  textValue,
} from '../libraries/host-functions.js';
import { fengari } from '../vm/fengari.js';
import type { LuaState, Native } from '../vm/fengari-types.js';
import { raise } from '../vm/lua-error.js';
import { bytesOf } from '../vm/lua-string.js';
import { meter } from '../vm/meter.js';
import { itemArgument, pushItem } from './legacy-items.js';
import { MethodObject, type MethodTable, selfOf } from './method-object.js';

const { ltable } = fengari;
/** Steps of a reply; and how many of its bytes take a step, as a power of 2, in addition to copying them. */
const WRITE_STEPS = 100;
const REPLY_BYTES_BITS = 4;

/** The properties of a command that a script can read and change; changes affect this call only. */
export class CommandHandle extends MethodObject {
  protected readonly kind = 'command';
  readonly command: string;
  key: string;
  clientFlags: number;
  exptimeSeconds: number;
  noReply: boolean;
  delta = 0;

  constructor(
    { request }: InvocationContext,
    /** The data block of a storage command. */
    public data: string | undefined,
  ) {
    super();
    this.command = request.command;
    this.key = request.virtualKey;
    this.clientFlags = request.clientFlags;
    this.exptimeSeconds = request.exptimeSeconds;
    this.noReply = request.noReply;
  }

  override get sizeBytes(): number {
    return super.sizeBytes + this.key.length + (this.data?.length ?? 0);
  }

  protected get methods(): MethodTable {
    return COMMAND_METHODS;
  }

  newItem(nowUnix: number): StoredItem {
    meter.chargeBytes(this.data?.length ?? 0);
    const expiresAtUnix = expiryOf(this.exptimeSeconds, Math.floor(nowUnix));
    return { key: this.key, clientFlags: this.clientFlags, expiresAtUnix, bytes: bytesOf(this.data ?? '') };
  }
}

/** Expiry from a client's exptime: seconds from now up to thirty days, Unix seconds beyond; negative means already expired. */
function expiryOf(exptimeSeconds: number, nowUnix: number): number {
  if (exptimeSeconds === 0) return 0;
  if (exptimeSeconds < 0) return 1;
  return exptimeSeconds <= RELATIVE_LIMIT_SECONDS ? nowUnix + exptimeSeconds : exptimeSeconds;
}

type Act = (L: LuaState, command: CommandHandle) => number;

function entry(name: string, act: Act): [string, Native] {
  return [name, (L) => act(L, selfOf(L, CommandHandle, name))];
}

/** A setter: returns nothing. */
function setter(name: string, set: (L: LuaState, command: CommandHandle) => void): [string, Native] {
  return entry(name, (L, command) => {
    set(L, command);
    return 0;
  });
}

function unavailable(name: string): [string, Native] {
  return [name, (L) => raise(L, `${name} is not available: this server asks no other servers`)];
}

const COMMAND_METHODS: MethodTable = new Map<string, Native>([
  entry('getCommand', (L, { command }) => pushText(L, command)),
  entry('getKey', (L, { key }) => pushText(L, key)),
  entry('getKeySize', (L, { key }) => pushNumber(L, key.length)),
  entry('getExpiryTime', (L, { exptimeSeconds }) => pushNumber(L, exptimeSeconds)),
  entry('getFlags', (L, { clientFlags }) => pushNumber(L, clientFlags)),
  entry('getDelta', (L, { delta }) => pushNumber(L, delta)),
  entry('getNoReply', (L, { noReply }) => pushBoolean(L, noReply)),
  entry('getDataSize', (L, { data }) => pushNumber(L, data?.length ?? 0)),
  entry('getData', (L, { data }) => (data === undefined ? pushNil(L) : pushText(L, data))),
  setter('setKey', (L, command) => {
    command.key = checkText(L, 2, 'setKey');
  }),
  setter('setExpiryTime', (L, command) => {
    command.exptimeSeconds = Math.trunc(checkNumber(L, 2, 'setExpiryTime'));
  }),
  setter('setFlags', (L, command) => {
    command.clientFlags = checkNumber(L, 2, 'setFlags') >>> 0;
  }),
  setter('setDelta', (L, command) => {
    command.delta = checkNumber(L, 2, 'setDelta');
  }),
  setter('setNoReply', (L, command) => {
    command.noReply = isTruthy(argument(L, 2));
  }),
  setter('setData', (L, command) => {
    command.data = checkText(L, 2, 'setData');
  }),
  entry('newCacheItem', (L, command) => pushItem(L, command.newItem(activeCall.contextOf(L).now))),
  setter('writeCacheItem', (L) => {
    const { key, clientFlags, bytes } = itemArgument(L, 2, 'writeCacheItem');
    meter.charge(WRITE_STEPS + (bytes.length >>> REPLY_BYTES_BITS));
    meter.chargeBytes(2 * bytes.length);
    activeCall.contextOf(L).reply.value(key, clientFlags, bytes);
  }),
  setter('writeString', (L) => {
    const text = checkText(L, 2, 'writeString');
    meter.charge(WRITE_STEPS + (text.length >>> REPLY_BYTES_BITS));
    meter.chargeBytes(2 * text.length);
    activeCall.contextOf(L).reply.text(text);
  }),
  // A call is made for each key of a retrieval.
  entry('hasMultipleKeys', (L) => pushBoolean(L, false)),
  entry('getMultipleKeys', (L, { key }) => {
    ltable.luaH_setint(pushTable(L), 1, textValue(key));
    return 1;
  }),
  unavailable('getFromServer'),
  unavailable('getInParallel'),
]);
