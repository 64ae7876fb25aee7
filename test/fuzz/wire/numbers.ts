// How incr and decr parse and change numbers.

const MAX64 = 2n ** 64n;
/** The size of the work window (operations/operation-options.ts): blanks after a number of fewer digits are made there. */
const MAX_NUMBER_BYTES = 61 * 1024;

/** The value as a number; undefined if it is not one. */
export function numberOf(value: string): bigint | undefined {
  const digits = /^[ \t-\r]*\+?(\d+)(?:[\0 \t-\r]|$)/.exec(value)?.[1];
  if (value.length > MAX_NUMBER_BYTES || digits === undefined) return undefined;
  const number = BigInt(digits);
  return number < MAX64 ? number : undefined;
}

export function incremented(number: bigint, delta: bigint): bigint {
  return (number + delta) % MAX64;
}

export function decremented(number: bigint, delta: bigint): bigint {
  return number < delta ? 0n : number - delta;
}
