// Checks that members of `self` share: neither language has checked what methods pass to them.

import { MethodError } from './call-errors.js';

export function wholeNumber(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  const given = typeof value === 'number' ? String(value) : nameOf(value);
  throw new MethodError(`${what} is a whole number, not ${given}; round it first`);
}

export function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
