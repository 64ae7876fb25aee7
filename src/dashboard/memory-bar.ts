// The memory limit, divided by what it is used for.

import { h, section, setText } from './dom.js';
import { percent, size } from './short-text.js';

type Values = Readonly<Record<string, number>>;

interface Kind {
  readonly name: string;
  readonly colour: string;
  readonly bytes: (values: Values) => number;
}

const of = (values: Values, name: string) => values[name] ?? 0;

const KINDS: readonly Kind[] = [
  { name: 'Plain items', colour: '--chart-1', bytes: (values) => of(values, 'bytes') - of(values, 'object_bytes') },
  {
    name: 'Objects',
    colour: '--chart-2',
    bytes: (values) => of(values, 'object_bytes') - of(values, 'pinned_bytes'),
  },
  { name: 'Pinned objects', colour: '--chart-3', bytes: (values) => of(values, 'pinned_bytes') },
  { name: 'Index', colour: '--chart-4', bytes: (values) => of(values, 'index_bytes') },
  { name: 'Free', colour: '--track', bytes: (values) => of(values, 'limit_maxbytes') - of(values, 'used_bytes') },
];

export class MemoryBar {
  readonly #bar = h('div', { class: 'bar', role: 'img' });
  readonly #parts = KINDS.map(({ colour }) => {
    const part = h('i');
    part.style.background = `var(${colour})`;
    return part;
  });
  readonly #rows = KINDS.map(() => h('dd'));
  readonly #scattered = h('p', { class: 'quiet' });
  readonly element: HTMLElement;

  constructor() {
    this.#bar.append(...this.#parts);
    const legend = KINDS.map(({ name, colour }, index) => {
      const mark = h('i', { class: 'mark', 'aria-hidden': true });
      mark.style.background = `var(${colour})`;
      return h('div', {}, h('dt', {}, mark, name), this.#rows[index]);
    });
    this.element = section('Memory', this.#bar, h('dl', { class: 'facts' }, ...legend), this.#scattered);
  }

  set(values: Values): void {
    const limit = Math.max(1, of(values, 'limit_maxbytes'));
    const sizes = KINDS.map(({ bytes }) => Math.max(0, bytes(values)));
    const words = KINDS.map(({ name }, index) => `${name} ${percent((sizes[index] ?? 0) / limit)}`);
    this.#bar.setAttribute('aria-label', `Of ${size(limit)}: ${words.join(', ')}`);
    sizes.forEach((bytes, index) => {
      const [part, row] = [this.#parts[index], this.#rows[index]];
      if (part !== undefined) part.style.width = `${(100 * bytes) / limit}%`;
      if (row !== undefined) setText(row, `${size(bytes)} · ${percent(bytes / limit)}`);
    });
    const scattered = of(values, 'scattered_bytes');
    setText(
      this.#scattered,
      `Fragmentation: ${size(scattered)} free in pieces of less than 1.5 KiB, ${percent(scattered / limit)} of the limit.`,
    );
  }
}
