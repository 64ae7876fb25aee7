// A required and a measured figure, and their text.

export interface Verdict {
  readonly what: string;
  readonly measured: number;
  readonly required: number;
  /** A stricter aim than the requirement. */
  readonly aimedAt?: number;
  readonly relation: 'at most' | 'at least';
}

export function passes({ measured, required, relation }: Verdict): boolean {
  return relation === 'at most' ? measured <= required : measured >= required;
}

export function formatVerdict(verdict: Verdict): string {
  const { what, measured, required, relation, aimedAt } = verdict;
  const word = passes(verdict) ? 'pass' : 'FALLS SHORT';
  const aim = aimedAt === undefined ? '' : `, aimed at ${aimedAt}`;
  return `${word.padEnd(12)} ${what}: ${measured.toFixed(3)} (required: ${relation} ${required}${aim})`;
}

export function formatVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts.map(formatVerdict).join('\n');
}
