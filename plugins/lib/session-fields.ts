// The fields of a session: their values as JSON, when they end, and the version in which each was changed last. The type: ../session.ts.

import type { OrderedIndex, Table } from 'cacheismo';
import { endedIn, leftOf as leftIn, removeEnded } from './ends.js';

/** So that `rotate`, which copies all of them, takes less than 10 ms. Measured: 12 us each. */
const MOST_FIELDS = 500;
/** Removed fields that a conflict tells. */
const MOST_REMOVED = 100;
/** Versions of removed fields that a call forgets, in addition to as many as it sets. */
const MOST_FORGOTTEN = 100;

export type Values = readonly (readonly [field: string, json: string | undefined])[];

/** Milliseconds until a field ends; infinity if it lasts as long as the session. */
export function leftOf(self: Table, field: string, now: number): number {
  return self.has('ends') ? leftIn(self.ordered('ends'), field, now) : Infinity;
}

/** The JSON of a field that has not ended. */
export function jsonOfField(self: Table, field: string, now: number): string | undefined {
  if (leftOf(self, field, now) <= 0) return undefined;
  return (self.get('fields') as Table).get(field) as string | undefined;
}

/** Fields as JSON, in their order; null for those that are not there. */
export function jsonOf(self: Table, fields: readonly string[], now: number): string {
  return `{${fields.map((field) => `${JSON.stringify(field)}:${jsonOfField(self, field, now) ?? 'null'}`).join(',')}}`;
}

function sizeOf(field: string, json: string | undefined): number {
  return json === undefined ? 0 : field.length + json.length;
}

/** Removes some of the fields that have ended; returns their bytes. */
function drop(fields: Table, ends: OrderedIndex, now: number): number {
  let bytes = 0;
  removeEnded(ends, now, (field) => {
    bytes += sizeOf(field, fields.get(field) as string);
    fields.delete(field);
  });
  return bytes;
}

/** Bytes by which the values make the fields larger; undefined if there would be too many bytes or fields. */
function growth(fields: Table, values: Values, bytesLeft: number): number | undefined {
  let [grown, made] = [0, 0];
  const isEmpty = fields.count === 0;
  for (const [field, json] of values) {
    const old = isEmpty ? undefined : (fields.get(field) as string | undefined);
    grown += sizeOf(field, json) - sizeOf(field, old);
    if (json !== undefined && old === undefined) made++;
  }
  return (grown > 0 && grown > bytesLeft) || (made > 0 && fields.count + made > MOST_FIELDS) ? undefined : grown;
}

/** Sets fields until `end`, or removes those without a value; false, and none is set, if the session would be full. Some of the fields that
    have ended are removed, and more of them only as long as they are in the way. */
export function changeFields(
  self: Table,
  values: Values,
  end: number | undefined,
  version: number,
  now: number,
  mostBytes: number,
): boolean {
  const [fields, versions] = [self.child('fields'), self.child('versions')];
  // Made when it is needed, since an object with an index takes more memory.
  const ends = end !== undefined || self.has('ends') ? self.ordered('ends') : undefined;
  let bytes = (self.get('bytes') ?? 0) as number;
  if (ends !== undefined) bytes -= drop(fields, ends, now);
  let grown = growth(fields, values, mostBytes - bytes);
  while (grown === undefined && ends !== undefined && endedIn(ends, now) > 0) {
    bytes -= drop(fields, ends, now);
    grown = growth(fields, values, mostBytes - bytes);
  }
  self.set('bytes', bytes + (grown ?? 0));
  if (grown === undefined) return false;
  const isFirst = versions.count === 0;
  const ended = ends !== undefined && endedIn(ends, now) > 0 ? ends : undefined;
  for (const [field, json] of values) {
    // A field that is made anew comes last.
    if (json === undefined || (ended !== undefined && leftIn(ended, field, now) <= 0)) fields.delete(field);
    if (json !== undefined) fields.set(field, json);
    if (json !== undefined && end !== undefined) ends?.set(field, end);
    else ends?.delete(field);
    // Deleted first, so that the last change comes last.
    if (!isFirst) versions.delete(field);
    versions.set(field, version);
  }
  forget(versions, fields, values.length);
  return true;
}

/** Forgets the first removed fields where there are more than a conflict tells, some at a time. */
function forget(versions: Table, fields: Table, changed: number): void {
  let left = Math.min(versions.count - fields.count - MOST_REMOVED, MOST_FORGOTTEN + changed);
  for (const field of left > 0 ? versions.keys() : []) {
    if (fields.has(field)) continue;
    versions.delete(field);
    if (--left === 0) break;
  }
}

/** Copies all fields that have not ended to another session, which has none. */
export function copyFields(self: Table, other: Table, now: number): void {
  const ends = self.has('ends') ? self.ordered('ends') : undefined;
  const ended = new Set(ends?.between(0, now).map(([field]) => field));
  const [fields, versions] = [other.child('fields'), other.child('versions')];
  let bytes = 0;
  for (const [field, json] of self.child('fields').entries() as Iterable<[string, string]>) {
    if (ended.has(field)) continue;
    fields.set(field, json);
    bytes += sizeOf(field, json);
  }
  other.set('bytes', bytes);
  for (const [field, version] of self.child('versions').entries()) versions.set(field, version as number);
  if (ends === undefined || ended.size === ends.count) return;
  const otherEnds = other.ordered('ends');
  for (const [field, end] of ends.between(now, Infinity)) if (!ended.has(field)) otherEnds.set(field, end);
}
