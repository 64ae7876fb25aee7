// A chart over time with a heading, its present values, and its figures as a table for those who do not see it. Drawn by uPlot.

import type uPlotType from 'uplot';
import { h, setText, table } from './dom.js';
import { clock } from './short-text.js';
import { colour, onTheme } from './theme.js';

interface Line {
  readonly name: string;
  /** A variable of the style sheet. */
  readonly colour: string;
}

type Values = readonly (number | null)[];

const HEIGHT = 160;
const TABLE_ROWS = 12;
/** So that the first seconds do not fill the whole width. */
const LEAST_SECONDS = 60;

export class Chart {
  readonly element: HTMLElement;
  readonly #canvas = h('div', { class: 'canvas', role: 'img' });
  readonly #now: readonly HTMLElement[];
  readonly #details = h('details', { toggle: () => this.#fillTable() }, h('summary', {}, 'Figures'));
  #plot: uPlotType | undefined;
  #data: [number[], ...Values[]];
  readonly #ends: (() => void)[] = [];

  constructor(
    private readonly title: string,
    private readonly lines: readonly Line[],
    private readonly show: (value: number) => string,
    /** Fixed limits of the values, else from 0 to the largest. */
    private readonly range?: readonly [number, number],
    /** The unit of the horizontal axis if it is not time. */
    private readonly unit?: string,
  ) {
    this.#data = [[], ...lines.map(() => [])];
    this.#now = lines.map(() => h('strong'));
    const legend = lines.map(({ name, colour: variable }, index) => {
      const mark = h('i', { class: 'mark', 'aria-hidden': true });
      mark.style.background = `var(${variable})`;
      return h('span', {}, mark, `${name} `, this.#now[index]);
    });
    this.element = h(
      'figure',
      { class: 'panel chart' },
      h('figcaption', {}, h('h2', {}, title), h('p', { class: 'legend' }, ...legend)),
      this.#canvas,
      this.#details,
    );
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.#canvas);
    this.#ends.push(
      () => observer.disconnect(),
      onTheme(() => this.#redraw()),
    );
  }

  set(at: readonly number[], ...values: readonly Values[]): void {
    this.#data = [[...at], ...values];
    const latest = values.map((list) => list.findLast((value) => value !== null) ?? null);
    for (const [index, value] of latest.entries()) {
      setText(this.#now[index] as HTMLElement, value === null ? '–' : this.show(value));
    }
    this.#canvas.setAttribute('aria-label', this.#inWords(latest));
    if (this.#plot === undefined) this.#redraw();
    else this.#plot.setData(this.#data as never);
    if (this.#details.open) this.#fillTable();
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#plot?.destroy();
  }

  get #isTime(): boolean {
    return this.unit === undefined;
  }

  #inWords(latest: Values): string {
    const words = this.lines.map(({ name }, index) => {
      const value = latest[index];
      return `${name} ${value === null || value === undefined ? 'none' : this.show(value)}`;
    });
    return `Chart of ${this.title.toLowerCase()}, latest: ${words.join(', ')}. The figures follow as a table.`;
  }

  #fillTable(): void {
    this.#details.querySelector('table')?.remove();
    if (!this.#details.open) return;
    const [at, ...values] = this.#data;
    const first = Math.max(0, at.length - TABLE_ROWS);
    const rows = at.slice(first).map((x, index) => [
      this.#isTime ? clock(x * 1000) : `${x} ${this.unit}`,
      ...values.map((list) => {
        const value = list[first + index];
        return value === null || value === undefined ? '–' : this.show(value);
      }),
    ]);
    const names = this.lines.map(({ name }) => `#${name}`);
    this.#details.append(table(this.title, [this.#isTime ? 'Time' : 'Size', ...names], rows.reverse()));
  }

  #redraw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const width = this.#canvas.clientWidth;
    if (width === 0 || this.#data[0].length === 0) return;
    this.#plot = new uPlot(this.#options(width), this.#data as never, this.#canvas);
  }

  #resize(): void {
    const width = this.#canvas.clientWidth;
    if (this.#plot === undefined) this.#redraw();
    else if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #options(width: number): uPlotType.Options {
    const axis = {
      stroke: colour('--quiet'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const { range, show } = this;
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 28, 0, 0],
      scales: {
        x: this.#isTime
          ? { time: true, range: (_plot, low, high) => [Math.min(low, high - LEAST_SECONDS), high] }
          : { time: false, distr: 3, log: 2 },
        y: { range: (_plot, _low, high) => (range === undefined ? [0, Math.max(1, high * 1.1)] : [...range]) },
      },
      axes: [
        this.#isTime
          ? { ...axis, size: 30, values: (_plot, splits) => splits.map((at) => clock(at * 1000).slice(-8)), space: 90 }
          : {
              ...axis,
              size: 30,
              values: (_plot, splits) => splits.map((at) => `${at} ${this.unit}`),
              splits: () => this.#data[0],
            },
        { ...axis, size: 62, space: 36, values: (_plot, splits) => splits.map(show) },
      ],
      series: [
        {},
        ...this.lines.map(({ name, colour: variable }, index) => ({
          label: name,
          stroke: colour(variable),
          width: 1.75,
          points: { show: !this.#isTime },
          ...(index === 0 && this.lines.length < 3 ? { fill: colour('--fill') } : {}),
        })),
      ],
    };
  }
}
