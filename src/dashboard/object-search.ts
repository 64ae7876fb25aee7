// The search for keys by their prefix: one page at a time, however many there are. The server looks through a part of its index for each
// request, so that a rare prefix takes several of them.

import { get } from './api.js';
import { fill, h, problem, section, table } from './dom.js';
import type { ItemPage, ItemRow } from './reply-shapes.js';
import { duration, percent, size } from './short-text.js';
import { keyText, type ShownBytes } from './shown-text.js';
import { route } from './view.js';

const PAGE = 100;
/** Cursors are below this. */
const END = 2 ** 32;

/** The address of a key. */
export function routeOf({ text, base64 = '' }: ShownBytes): string {
  return text === undefined ? route('objects', 'bytes', base64) : route('objects', 'key', text);
}

export class ObjectSearch {
  readonly element: HTMLElement;
  readonly #prefix = h('input', {
    type: 'search',
    id: 'prefix',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 250,
  });
  readonly #status = h('p', { class: 'quiet', role: 'status' });
  readonly #rows = h('div');
  readonly #back = h('button', { type: 'button', click: () => this.#turn(-1) }, 'Previous page');
  readonly #next = h('button', { type: 'button', click: () => this.#turn(1) }, 'Next page');
  /** Where each page begins that has been shown, and the one after. */
  #cursors: number[] = [0];
  #page = 0;
  #running: AbortController | undefined;

  constructor() {
    const form = h(
      'form',
      { class: 'buttons', role: 'search', submit: (event: Event) => this.#onSubmit(event) },
      h('label', { class: 'field grow' }, 'Keys that begin with', this.#prefix),
      h('button', { type: 'submit' }, 'Search'),
    );
    this.element = section(
      'Objects and items',
      form,
      this.#status,
      this.#rows,
      h('p', { class: 'buttons' }, this.#back, this.#next),
    );
    this.#setButtons(null);
  }

  search(prefix: string): void {
    this.#prefix.value = prefix;
    this.#cursors = [0];
    this.#page = 0;
    this.#load();
  }

  close(): void {
    this.#running?.abort();
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    const address = route('objects', 'list', this.#prefix.value);
    if (location.hash === address) this.search(this.#prefix.value);
    else location.hash = address;
  }

  #turn(step: number): void {
    this.#page += step;
    this.#load();
  }

  #load(): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#find(running.signal).catch((error) => {
      if (!running.signal.aborted) fill(this.#rows, problem(error));
    });
  }

  async #find(signal: AbortSignal): Promise<void> {
    const prefix = this.#prefix.value;
    const found: ItemRow[] = [];
    let cursor: number | null = this.#cursors[this.#page] ?? 0;
    this.#setButtons(null);
    this.#status.textContent = 'searching';
    while (cursor !== null && found.length < PAGE) {
      const page: ItemPage = await get('api/objects', { prefix, cursor, limit: PAGE - found.length }, signal);
      found.push(...page.objects);
      cursor = page.next;
      if (cursor !== null) this.#status.textContent = `searching: ${percent(cursor / END)}, ${found.length} found`;
    }
    this.#cursors = [...this.#cursors.slice(0, this.#page + 1), ...(cursor === null ? [] : [cursor])];
    const count = found.length === 1 ? '1 key' : `${found.length} keys`;
    this.#status.textContent = `page ${this.#page + 1}, ${count}${cursor === null ? ', the last page' : ''}`;
    fill(this.#rows, found.length === 0 ? h('p', {}, 'No key begins with this.') : itemTable(found));
    this.#setButtons(cursor);
  }

  #setButtons(next: number | null): void {
    this.#back.disabled = this.#page === 0;
    this.#next.disabled = next === null;
  }
}

function itemTable(items: readonly ItemRow[]): HTMLElement {
  const rows = items.map((item) => [
    h('a', { href: routeOf(item.key), class: 'mono' }, keyText(item.key)),
    item.isObject ? 'object' : 'item',
    size(item.bytes),
    item.ttlSeconds === null ? 'none' : duration(item.ttlSeconds),
    duration(item.idleSeconds),
  ]);
  return table('Keys', ['Key', '-Kind', '#Size', '#TTL', '-#Unused for'], rows);
}
