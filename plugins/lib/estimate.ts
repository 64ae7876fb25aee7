// Registers of a HyperLogLog and the number of members that they stand for, by the improved estimator of Otmar Ertl, "New cardinality estimation
// algorithms for HyperLogLog sketches" (2017), algorithm 6, as in Redis. It needs no tables of corrections, from 0 members to more than can be counted.

/** Registers of this precision with the same members as those of another, which must not be lower. */
export function folded(registers: Uint8Array, precision: number, to: number): Uint8Array {
  if (precision === to) return registers;
  const bits = precision - to;
  const folds = new Uint8Array(2 ** to);
  for (let register = 0; register < registers.length; register++) {
    const rank = registers[register];
    if (rank === 0) continue;
    const at = register >>> bits;
    const fold = foldedRank(register, rank, bits);
    if (folds[at] < fold) folds[at] = fold;
  }
  return folds;
}

/** The rank in a register whose number lacks the last bits of this one: they are the first of those whose zeros count. */
export function foldedRank(register: number, rank: number, bits: number): number {
  const rest = register & (2 ** bits - 1);
  return rest === 0 ? rank + bits : Math.clz32(rest) - (32 - bits) + 1;
}

/** How many registers have each rank. */
export function ranksOf(registers: Uint8Array): number[] {
  const ranks = new Array<number>(65).fill(0);
  for (let register = 0; register < registers.length; register++) ranks[registers[register]]++;
  return ranks;
}

/** The number of members. */
export function estimate(ranks: readonly number[], precision: number): number {
  const registers = 2 ** precision;
  const most = 64 - precision;
  let sum = registers * tau(1 - ranks[most + 1] / registers);
  for (let rank = most; rank >= 1; rank--) sum = 0.5 * (sum + ranks[rank]);
  sum += registers * sigma(ranks[0] / registers);
  return Math.round(registers ** 2 / (2 * Math.LN2 * sum));
}

/** The relative standard error of an estimate. */
export function standardError(precision: number): number {
  return 1.04 / Math.sqrt(2 ** precision);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let sum = share;
  let power = share;
  let before = Number.NaN;
  for (let factor = 1; sum !== before; factor *= 2) {
    power *= power;
    before = sum;
    sum += power * factor;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let sum = 1 - share;
  let root = share;
  let before = Number.NaN;
  for (let factor = 0.5; sum !== before; factor *= 0.5) {
    root = Math.sqrt(root);
    before = sum;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
