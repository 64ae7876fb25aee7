// Contrast after WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio

/** From 1 to 21, of two colours as `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((left, right) => left - right) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The variables of a style sheet with `light-dark(...)` values, by their names. */
export function coloursOf(css: string, theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const found = css.matchAll(/(--[\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);/g);
  return new Map([...found].map(([, name = '', light = '', dark = '']) => [name, theme === 'light' ? light : dark]));
}
