// Fields of tables that hold byte arrays: opening and making them, and the errors where a field holds something else.

import { UNIT_BYTES } from '../../arena/memory.js';
import { MethodError } from '../call-errors.js';
import type { TableLocation } from '../open-object.js';
import { fieldHolds, foundKind, foundName, HANDLE_BYTES, HANDLE_STEPS } from '../special-fields.js';
import type { Key } from '../table.js';
import { readU32, TableKind } from '../table-layout.js';
import type { TableParts } from '../table-parts.js';
import { lengthOf } from './byte-arguments.js';
import { BYTES_BODY_BYTES } from './byte-layout.js';

/** The place of the byte array at the key, made if there is no such field; undefined if there is none in an object that is open for
    reading. */
export function openByteArray(
  parts: TableParts,
  place: TableLocation,
  generation: number,
  key: Key,
  length: number | undefined,
): TableLocation | undefined {
  const wanted = length === undefined ? 0 : lengthOf(length);
  let field = 0;
  parts.enter(place, generation);
  parts.key.take(key);
  if (parts.walker.find(place, parts.key)) {
    demandByteArray(parts, key, wanted);
    field = parts.found.field;
  } else {
    if (wanted === 0) {
      throw new MethodError(`there is no byte array '${String(key).slice(0, 150)}'; give its length to make one`);
    }
    if (!place.object.writable) return undefined;
    parts.enterToWrite(place, generation);
    makeByteArray(parts, place, key, wanted);
  }
  parts.budget.charge(HANDLE_STEPS);
  parts.budget.chargeBytes(HANDLE_BYTES);
  const array = parts.places.nested(place, key, field);
  parts.places.resolve(array);
  return array;
}

function makeByteArray(parts: TableParts, place: TableLocation, key: Key, length: number): void {
  const mostBytes = Math.floor(parts.memory.objectLimitUnits) * UNIT_BYTES;
  if (length > mostBytes) {
    throw new MethodError(`a byte array of ${length} bytes takes more than half of the memory, ${mostBytes} bytes`);
  }
  parts.key.take(key);
  parts.isChanging = true;
  parts.writer.putKind(place, parts.key, TableKind.byteArray, BYTES_BODY_BYTES);
  const array = parts.places.nested(place, key);
  parts.places.resolve(array);
  parts.byteTree.setLength(array.header, length);
  parts.isChanging = false;
}

/** Throws unless the field in `found` holds a byte array of that length; 0: of any. */
function demandByteArray(parts: TableParts, key: Key, wanted: number): void {
  if (foundKind(parts) !== TableKind.byteArray) {
    throw new MethodError(`${fieldHolds(key, foundName(parts))}, not a byte array; delete it first`);
  }
  const header = parts.layout.spreadWord(readU32(parts.found.bytes, parts.found.valueAt));
  const length = parts.byteTree.length(header);
  if (wanted === 0 || wanted === length) return;
  throw new MethodError(
    `${fieldHolds(key, 'byte array')} of ${length} bytes, not ${wanted}; leave the length out, or delete it first`,
  );
}
