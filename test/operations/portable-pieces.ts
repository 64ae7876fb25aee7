// What tests of restores in slices need of a server in memory.

import { expect } from 'vitest';
import { ByteBuilder } from '../../src/base/byte-builder.js';
import type { PortableObjects } from '../../src/objects/calls/portable-objects.js';
import type { Table } from '../../src/objects/types/object-type.js';
import type { Registry } from '../../src/objects/types/registry.js';
import { ObjectRestore, type RestoreBounds } from '../../src/operations/portable/object-restore.js';
import { beginItem, readItem } from '../../src/operations/portable/record.js';
import type { RestoreOutcome } from '../../src/operations/portable/restore-result.js';
import type { VirtualKeys } from '../../src/operations/virtual-keys.js';
import type { ArenaTables } from '../../src/tables/arena-tables.js';
import { Kind } from '../../src/tables/portable/content-format.js';
import { typeOf } from '../objects/types-for-tests.js';
import type { Harness } from '../protocols/text/harness.js';
import { checkStore } from '../store/checker.js';
import { dumpOf, portableServer } from './portable-harness.js';

export const LIMIT_BYTES = 4 * 1024 * 1024;

/** The type of that object, as one that pins its objects. */
export const ALL_PINNED = typeOf(
  'all',
  { count: { access: 'read', run: (self: Table) => String(self.count) } } as never,
  'plugins/all.ts',
  { retention: 'pinned' },
);

interface PortableParts {
  readonly registry: Registry;
  readonly tables: ArenaTables;
}

export function portableOf(server: Harness): PortableObjects {
  return (server.engine.shell.operations.virtualKeys as VirtualKeys).portable;
}

function partsOf(server: Harness): PortableParts {
  return (portableOf(server) as unknown as { parts: PortableParts }).parts;
}

export function tablesOf(server: Harness): ArenaTables {
  return partsOf(server).tables;
}

/** Replaces the type of that name, as a reload does. */
export function installType(server: Harness, type: typeof ALL_PINNED): void {
  partsOf(server).registry.install(type);
}

/** The memory in use when all that was dropped has been freed. */
function idleBytes({ store }: Harness): number {
  while (store.reclaimSlice());
  return store.usedBytes;
}

/** The record of an object that has everything that a table can hold, with the key all$a. */
function recordOfAll(): string {
  const server = portableServer();
  server.ask('get all:fill:a\r\n');
  return dumpOf(server)[0];
}

/** One step at a time. */
export const SMALLEST: RestoreBounds = { wholeBytes: 0, sliceMs: 0, sliceBytes: 1e9, stepsPerLook: 1 };
/** The steps of a slice. */
export const stepsOf = (stepsPerLook: number): RestoreBounds => ({ ...SMALLEST, stepsPerLook });

export const RECORD = recordOfAll();
/** Fields, members and blocks of that object. */
export const STEPS = 846;
export const MISSING = 'END\r\n';
export const GET = 'get all$a\r\n';

export function begin(server: Harness, record = RECORD, bounds = SMALLEST, keeps = false) {
  const { operations } = server.engine.shell;
  return new ObjectRestore(operations, readItem(Buffer.from(record, 'latin1')), keeps, bounds);
}

/** Makes slices to the end; `between` is called after each but the last with its number. */
export function finish(restore: ObjectRestore, between: (slice: number) => void = () => {}): RestoreOutcome {
  for (let slice = 1; ; slice++) {
    const outcome = restore.next();
    if (outcome !== undefined) return outcome;
    between(slice);
  }
}

export function check(server: Harness, restore: ObjectRestore): void {
  checkStore(server.store, restore.item === 0 ? [] : [restore.item]);
}

/** All of the server is as it was when it was empty. */
export function expectNothingLeft(server: Harness): void {
  server.ask('flush_all\r\n');
  expect(idleBytes(server)).toBe(idleBytes(portableServer({ limitBytes: LIMIT_BYTES })));
  checkStore(server.store);
}

export function serverOf(): Harness {
  return portableServer({ limitBytes: LIMIT_BYTES });
}

/** The record of an object with fields, members of an ordered index and elements of a list, `count` of each. */
export function largeRecord(key: string, count: number): string {
  const to = new ByteBuilder();
  beginItem(to, { isObject: true, marks: 0, version: 1, clientFlags: 0, expiresAtUnix: 0, key: Buffer.from(key) });
  const text = (value: string) => {
    to.u32(value.length);
    to.text(value);
  };
  const field = (name: string, kind: number) => {
    to.u8(Kind.text);
    text(name);
    to.u8(kind);
  };
  to.u32(count + 2);
  to.u8(0);
  field('board', Kind.byBytes);
  to.u32(count);
  for (let index = 0; index < count; index++) {
    text(`member ${index}`);
    to.double(index);
  }
  field('list', Kind.table);
  to.u32(count);
  to.u8(1);
  for (let index = 1; index <= count; index++) {
    to.u8(Kind.number);
    to.double(index);
    to.u8(Kind.number);
    to.double(index / 7);
  }
  for (let index = 0; index < count; index++) {
    field(`field ${index}`, Kind.text);
    text('a value of some length');
  }
  return Buffer.from(to.view()).toString('latin1');
}
