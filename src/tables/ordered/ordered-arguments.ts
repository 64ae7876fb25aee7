// Checks what methods pass to an ordered index: neither language has checked it. Each message says what is wrong and what to pass.

import { isByteString } from '../../base/latin1.js';
import { nameOf, wholeNumber } from '../argument-checks.js';
import { MethodError } from '../call-errors.js';
import type { Direction, Ties as TiesName } from '../table.js';
import { Ties } from './ordered-layout.js';

export function memberOf(member: unknown): string {
  if (typeof member === 'string') return member;
  throw new MethodError(`a member is a string, not ${nameOf(member)}; convert it first`);
}

/** The score; -0 becomes 0. */
export function scoreOf(score: unknown, what: string): number {
  if (typeof score !== 'number') throw new MethodError(`${what} is a number, not ${nameOf(score)}; convert it first`);
  if (Number.isNaN(score)) throw new MethodError(`${what} cannot be NaN; check how it was computed`);
  return score + 0;
}

/** What stands after or between the parts of a text. */
export function separatorOf(text: unknown): string {
  if (typeof text !== 'string') throw new MethodError(`a separator is a string, not ${nameOf(text)}; convert it first`);
  if (!isByteString(text)) throw new MethodError('a separator has characters beyond bytes; use utf8Encode');
  return text;
}

/** What stands between the members in a text. */
export function separatingByteOf(text: unknown): number {
  const separator = separatorOf(text);
  if (separator.length === 1) return separator.charCodeAt(0);
  throw new MethodError(`one character separates members, not ${separator.length}`);
}

/** How many entries a range of scores may give. */
export function limitOf(limit: unknown): number {
  const most = limit === undefined ? Number.MAX_SAFE_INTEGER : wholeNumber(limit, 'a limit');
  if (most < 0) throw new MethodError(`a limit is 0 or more, not ${most}; leave it out for all members`);
  return most;
}

export function isDescending(direction: Direction | undefined): boolean {
  if (direction === undefined || direction === 'ascending') return false;
  if (direction === 'descending') return true;
  throw new MethodError("a direction is 'ascending' or 'descending'; leave it out for 'ascending'");
}

/** 0 where it is left out. */
export function tiesOf(ties: TiesName | undefined): number {
  if (ties === undefined) return 0;
  if (ties === 'arrival' || ties === 'bytes') return Ties[ties];
  throw new MethodError("ties are ordered by 'arrival' or by 'bytes'; leave it out for 'arrival'");
}
