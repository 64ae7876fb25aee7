// A list of any length of which only the rows in sight are elements. The keyboard moves within it as in a list box.

import { fill, h } from './dom.js';

const ROW_PIXELS = 44;
/** Rows above and below those in sight. */
const MARGIN = 8;

interface ListParts<Row> {
  readonly label: string;
  readonly idOf: (row: Row) => string;
  readonly content: (row: Row) => readonly Node[];
  readonly onOpen: (row: Row) => void;
}

export class VirtualList<Row> {
  readonly element: HTMLElement;
  readonly #sheet = h('div', { class: 'sheet' });
  #rows: readonly Row[] = [];
  #active = 0;
  #selected: string | undefined;

  constructor(private readonly parts: ListParts<Row>) {
    this.element = h(
      'div',
      {
        class: 'list',
        role: 'listbox',
        tabindex: 0,
        'aria-label': parts.label,
        scroll: () => this.#draw(),
        keydown: (event: KeyboardEvent) => this.#onKey(event),
        click: (event: MouseEvent) => this.#onClick(event),
      },
      this.#sheet,
    );
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  /** The rows in sight. */
  get visible(): readonly Row[] {
    const first = Math.floor(this.element.scrollTop / ROW_PIXELS);
    return this.#rows.slice(first, first + Math.ceil(this.element.clientHeight / ROW_PIXELS) + 1);
  }

  set(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#active = Math.min(this.#active, Math.max(0, rows.length - 1));
    this.#draw();
  }

  select(id: string | undefined): void {
    if (this.#selected === id) return;
    this.#selected = id;
    const index = this.#rows.findIndex((row) => this.parts.idOf(row) === id);
    if (index >= 0) this.#active = index;
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_PIXELS) - 1);
    const last = this.#rows.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target !== undefined) this.#moveTo(Math.max(0, Math.min(last, target)));
    else if (event.key === 'Enter' || event.key === ' ') this.#open(this.#active);
    else return;
    event.preventDefault();
  }

  #onClick(event: MouseEvent): void {
    const index = (event.target as Element).closest<HTMLElement>('[role=option]')?.dataset.index;
    if (index === undefined) return;
    this.#active = Number(index);
    this.#open(this.#active);
  }

  #open(index: number): void {
    const row = this.#rows[index];
    if (row !== undefined) this.parts.onOpen(row);
  }

  #moveTo(index: number): void {
    this.#active = index;
    const top = index * ROW_PIXELS;
    const { clientHeight, scrollTop } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_PIXELS > scrollTop + clientHeight) this.element.scrollTop = top + ROW_PIXELS - clientHeight;
    this.#draw();
  }

  #draw(): void {
    const { clientHeight, scrollTop } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PIXELS) - MARGIN);
    const end = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / ROW_PIXELS) + MARGIN);
    this.#sheet.style.height = `${this.#rows.length * ROW_PIXELS}px`;
    fill(this.#sheet, ...this.#rows.slice(first, end).map((row, index) => this.#rowAt(row, first + index)));
    if (this.#active >= first && this.#active < end) {
      this.element.setAttribute('aria-activedescendant', `row-${this.#active}`);
    } else this.element.removeAttribute('aria-activedescendant');
  }

  #rowAt(row: Row, index: number): HTMLElement {
    const { content, idOf } = this.parts;
    const option = h(
      'div',
      {
        id: `row-${index}`,
        role: 'option',
        class: index === this.#active ? 'active' : undefined,
        'aria-selected': String(idOf(row) === this.#selected),
        'aria-posinset': index + 1,
        'aria-setsize': this.#rows.length,
        'data-index': index,
      },
      ...content(row),
    );
    option.style.transform = `translateY(${index * ROW_PIXELS}px)`;
    return option;
  }
}
