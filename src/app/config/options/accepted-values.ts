// The values that memcached accepts for options that have no effect here. Any other value stops memcached, and also this server, so that a
// mistake in a start script is noticed with both. Options with a row have a schema instead.

export interface AcceptedValues {
  /** The values in words, as in "must be ...". */
  readonly allowed: string;
  readonly accepts: (text: string) => boolean;
}

const INTEGER = /^\d{1,10}$/;
const DECIMAL = /^\d{1,15}(\.\d*)?$/;
const LARGEST_INTEGER = 2 ** 32 - 1;

export function integer(from: number, to = LARGEST_INTEGER): AcceptedValues {
  return {
    allowed: `an integer from ${from} to ${to}`,
    accepts: (text) => INTEGER.test(text) && Number(text) >= from && Number(text) <= to,
  };
}

/** Both bounds are excluded. */
export function between(low: number, high: number): AcceptedValues {
  return {
    allowed: `a number above ${low} and below ${high}`,
    accepts: (text) => DECIMAL.test(text) && Number(text) > low && Number(text) < high,
  };
}

export function above(low: number): AcceptedValues {
  return {
    allowed: `a number above ${low}`,
    accepts: (text) => DECIMAL.test(text) && Number(text) > low,
  };
}

export function oneOf(...words: readonly string[]): AcceptedValues {
  return { allowed: `one of ${words.join(', ')}`, accepts: (text) => words.includes(text) };
}

/** Accepts a missing value too. */
export function optional({ allowed, accepts }: AcceptedValues): AcceptedValues {
  return { allowed, accepts: (text) => text === '' || accepts(text) };
}

/** Ascending sizes of slab classes. */
export const SIZES: AcceptedValues = {
  allowed: 'sizes such as 100-200-300',
  accepts: (text) => /^\d{1,9}(-\d{1,9})*$/.test(text),
};
