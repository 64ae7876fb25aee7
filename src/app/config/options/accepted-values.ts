// The values that memcached takes for options that have no effect here. It stops at any other value, and so does this server: a start script
// with a mistake shows it on both. Not for options with a row, which have a schema.

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

/** Also without a value. */
export function optional({ allowed, accepts }: AcceptedValues): AcceptedValues {
  return { allowed, accepts: (text) => text === '' || accepts(text) };
}

/** Ascending sizes of slab classes. */
export const SIZES: AcceptedValues = {
  allowed: 'sizes such as 100-200-300',
  accepts: (text) => /^\d{1,9}(-\d{1,9})*$/.test(text),
};
