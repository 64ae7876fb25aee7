// A strict parser of the text format of Prometheus: what it accepts, Prometheus does too.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const NUMBER = /^-?(\d+(\.\d+)?(e[-+]\d+)?|\+?Inf|NaN)$/;

/** Throws an error that names the line. */
export function parsePage(page: string): Family[] {
  if (!page.endsWith('\n')) throw new Error('the last line has no end');
  const lines = page.slice(0, -1).split('\n');
  const families: (Family & { samples: Sample[] })[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    if (help !== null) {
      const [, name = '', text = ''] = help;
      const kind = new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`).exec(lines[++index] ?? '')?.[1];
      if (kind === undefined) throw new Error(`${line}: no TYPE follows`);
      if (!NAME.test(name) || families.some((family) => family.name === name)) throw new Error(`${line}: wrong name`);
      families.push({ name, kind, help: text, samples: [] });
      continue;
    }
    const sample = sampleOf(line);
    const family = families.at(-1);
    if (family === undefined || !namesOf(family).includes(sample.name)) throw new Error(`${line}: of another family`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`${line}: twice`);
    seen.add(key);
    family.samples.push(sample);
  }
  for (const family of families) checkFamily(family);
  return families;
}

function namesOf({ name, kind }: Family): readonly string[] {
  return kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

function sampleOf(line: string): Sample {
  const match = SAMPLE.exec(line);
  if (match === null || !NUMBER.test(match[3] ?? '')) throw new Error(`${line}: no sample`);
  const [, name = '', text = '', value = ''] = match;
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const label = LABEL.exec(text);
    if (label === null) throw new Error(`${line}: wrong labels`);
    labels[label[1]] = label[2];
  }
  return { name, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) };
}

function checkFamily({ name, kind, samples }: Family): void {
  if (kind === 'counter' && !name.endsWith('_total')) throw new Error(`${name}: a counter without _total`);
  if (kind === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name}: below 0`);
  if (kind === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)));
    const isRising = (numbers: readonly number[], step: number) =>
      numbers.every((number, index) => index === 0 || number - numbers[index - 1] >= step);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const hasSum = own.some((sample) => sample.name === `${name}_sum`);
    if (!isRising(bounds, Number.MIN_VALUE) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
      throw new Error(`${name}${key}: bounds`);
    if (
      !isRising(
        buckets.map(({ value }) => value),
        0,
      )
    )
      throw new Error(`${name}${key}: not cumulative`);
    if (!hasSum || count === undefined || count !== buckets.at(-1)?.value)
      throw new Error(`${name}${key}: sum or count`);
  }
}
