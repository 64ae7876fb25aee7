// Numbers, sizes, times and bytes as short text.

const STEPS = ['', 'k', 'M', 'G', 'T'] as const;
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `12`, `3.4`, `12.3 k`, `4.5 M`. */
export function shortNumber(value: number): string {
  return scaled(value, 1000, STEPS);
}

/** `12 B`, `1.5 MiB`. */
export function size(bytes: number): string {
  return scaled(bytes, 1024, SIZES);
}

/** With all digits: `1,234,567`. */
export function wholeNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

export function percent(ratio: number | null): string {
  return ratio === null ? '–' : `${(100 * ratio).toFixed(ratio > 0.9995 || ratio === 0 ? 0 : 1)} %`;
}

/** A service time: `850 ns`, `12 µs`, `3.4 ms`. */
export function latency(seconds: number): string {
  if (seconds === 0) return '–';
  if (seconds < 1e-6) return `${Math.round(seconds * 1e9)} ns`;
  if (seconds < 1e-3) return `${short(seconds * 1e6)} µs`;
  return seconds < 1 ? `${short(seconds * 1e3)} ms` : `${short(seconds)} s`;
}

/** A length of time in its two largest units: `3 d 4 h`. */
export function duration(seconds: number): string {
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** Local time of day; with the date if it is another day. */
export function clock(unixMs: number): string {
  const date = new Date(unixMs);
  const time = date.toLocaleTimeString('en-GB');
  return date.toDateString() === new Date().toDateString() ? time : `${date.toISOString().slice(0, 10)} ${time}`;
}

/** Characters that have no shape, or that change the order of others, as escapes. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    escaped,
  );
}

/** The same for text of several lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= base && step < units.length - 1) {
    rest /= base;
    step++;
  }
  return `${step === 0 && Number.isInteger(rest) ? rest : short(rest)} ${units[step]}`.trimEnd();
}

function short(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(2).replace(/\.?0+$/, '') : value.toFixed(Math.abs(value) < 100 ? 1 : 0);
}
