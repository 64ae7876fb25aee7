// Fields that hold an ordered index or a byte array, which have layouts of their own: what a field holds, and the words for it in errors.

import { withArticle } from '../base/article.js';
import type { Key } from './table.js';
import { readU32, TableKind, Tag } from './table-layout.js';
import type { TableParts } from './table-parts.js';

/** Bytes of a handle, of its place, and of its parent's reference to it. */
export const HANDLE_BYTES = 200;
/** Steps of opening one, in addition to finding its field. */
export const HANDLE_STEPS = 10;

/** The kind of the table in the field in `found`; that of fields if it holds none. */
export function foundKind({ found, layout }: TableParts): number {
  // Those in a packed table have fields.
  if (found.valueTag !== Tag.table || found.field === 0) return TableKind.fields;
  return layout.tableKind(readU32(found.bytes, found.valueAt));
}

/** What the field in `found` holds, for errors. */
export function foundName(parts: TableParts): string {
  switch (parts.found.valueTag) {
    case Tag.no:
    case Tag.yes:
      return 'boolean';
    case Tag.text:
    case Tag.longText:
    case Tag.chain:
      return 'string';
    case Tag.table:
      return kindName(foundKind(parts));
    default:
      return 'number';
  }
}

function kindName(kind: number): string {
  if (kind === TableKind.fields) return 'table';
  return kind === TableKind.byteArray ? 'byte array' : 'ordered index';
}

export function fieldHolds(key: Key, name: string): string {
  return `field '${String(key).slice(0, 150)}' holds ${withArticle(name)}`;
}
