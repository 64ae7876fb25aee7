// The colours of the dashboard have the contrast of WCAG 2 AA in both themes, computed from the variables of its style sheet. Whether the page uses
// no other ones: dashboard.test.ts.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coloursOf, contrast } from './colour-contrast.js';

const css = readFileSync(new URL('../../../src/dashboard/dashboard.css', import.meta.url), 'utf8');

/** For text 4.5, for the edges of controls, the focus and the lines of charts 3. */
const TEXT = ['--text', '--quiet', '--accent', '--problem', '--good', '--warn'];
const SHAPES = ['--border', '--accent', '--chart-1', '--chart-2', '--chart-3', '--chart-4'];

test('the contrast of black and white is 21, and of a colour with itself 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#0b6474', '#0b6474')).toBe(1);
});

test.each(['light', 'dark'] as const)(
  'in the %s theme text can be read and controls and lines can be seen',
  (theme) => {
    const colours = coloursOf(css, theme);
    const of = (name: string) => colours.get(name) ?? '';
    const low: string[] = [];
    const check = (least: number, name: string, ground: string) => {
      const ratio = contrast(of(name), of(ground));
      if (!(ratio >= least)) low.push(`${name} on ${ground}: ${ratio.toFixed(2)}`);
    };
    for (const ground of ['--page', '--panel', '--chosen']) for (const name of TEXT) check(4.5, name, ground);
    for (const ground of ['--page', '--panel']) for (const name of SHAPES) check(3, name, ground);
    check(4.5, '--on-accent', '--accent');
    expect(low).toEqual([]);
  },
);

test('no colour is outside of the variables but black behind a dialog', () => {
  const rules = css.slice(css.indexOf(':root[data-theme'));
  expect(rules.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/g)).toEqual(['#000a']);
});
