// One type: where it comes from, its methods with their calls, and its load history.

import { ApiError, get } from './api.js';
import { facts, fill, h, problem, refill, reveal, section, table } from './dom.js';
import type { Feed } from './feed.js';
import { timesOf } from './latency-tables.js';
import type { Method, Reload, TypeFacts } from './reply-shapes.js';
import { clock, visible, wholeNumber } from './short-text.js';
import { route } from './view.js';

export class TypeDetail {
  readonly element = h('div', { class: 'detail', 'aria-live': 'off' });
  #name: string | undefined;

  constructor(readonly feed: Feed) {}

  show(name: string | undefined): void {
    this.#name = name;
    if (name === undefined) {
      fill(this.element, h('p', { class: 'panel quiet' }, 'Choose a type to see its methods, calls and load history.'));
    } else this.#start(name, true);
  }

  /** Loads it again. */
  refresh(): void {
    if (this.#name !== undefined) this.#start(this.#name, false);
  }

  #start(name: string, isNew: boolean): void {
    this.#load(name, isNew).catch((error) => {
      if (name !== this.#name) return;
      const isGone = error instanceof ApiError && error.status === 404;
      fill(
        this.element,
        h('div', { class: 'panel' }, isGone ? h('p', {}, `Type ${name} is not loaded.`) : problem(error)),
      );
    });
  }

  async #load(name: string, isNew: boolean): Promise<void> {
    const type = await get<TypeFacts>('api/type', { name });
    const { reloads } = await get<{ readonly reloads: readonly Reload[] }>('api/reloads', {
      file: type.file,
      limit: 20,
    });
    // Another one may have been chosen meanwhile.
    if (name !== this.#name) return;
    refill(
      this.element,
      aboutType(type),
      section('Methods', methodTable(type)),
      section('Load history', history(type, reloads)),
    );
    if (isNew) reveal(this.element);
  }
}

function aboutType(type: TypeFacts): HTMLElement {
  return section(
    type.name,
    type.summary !== '' && h('p', {}, visible(type.summary)),
    facts([
      ['Source file', h('code', {}, visible(type.file))],
      ['Language', type.language === 'lua' ? 'Lua' : 'TypeScript'],
      ['Version', `${type.version}, loaded ${clock(type.loadedAtUnixMs)}`],
      ['Version of contents', type.contentVersion],
      [
        'Calls',
        `${wholeNumber(type.calls)}, ${wholeNumber(type.errors)} failed, ${wholeNumber(type.kills)} over budget`,
      ],
      ['Objects', type.isPinned ? 'pinned: not evicted' : 'evicted when memory is full'],
      ['Uses', type.uses.length === 0 ? 'no other files' : type.uses.map(visible).join(', ')],
    ]),
    h('p', {}, h('a', { href: route('objects', 'list', `${type.name}$`) }, `Objects of type ${type.name}`)),
  );
}

function methodTable(type: TypeFacts): HTMLElement {
  const rows = type.methods.map((method) => [
    h(
      'span',
      {},
      h('a', { href: route('objects', 'call', type.name, method.name) }, h('code', {}, method.name)),
      h('small', { class: 'quiet block' }, visible([signature(method), method.summary].filter(Boolean).join(' – '))),
      method.isSuspended && h('small', { class: 'problem block' }, 'suspended: it used up its budget too often'),
    ),
    method.access,
    wholeNumber(method.calls),
    wholeNumber(method.errors),
    ...timesOf(method),
  ]);
  return table(`Methods of ${type.name}`, ['Method', '-Access', '#Calls', '#Errors', '-#p50', '#p99', '-#p99.9'], rows);
}

function signature({ parameters }: Method): string {
  return parameters.map(({ name, optional, schema }) => `${name}${optional ? '?' : ''}: ${schema.type}`).join(', ');
}

function history(type: TypeFacts, reloads: readonly Reload[]): HTMLElement {
  const first = `${clock(type.loadedAtUnixMs)}: version ${type.version} was loaded.`;
  if (reloads.length === 0) return h('p', {}, first);
  return h(
    'ol',
    { class: 'events' },
    ...reloads.map(({ unixMs, outcome, message }) =>
      h('li', { 'data-outcome': outcome }, h('time', {}, clock(unixMs)), ' ', h('span', {}, visible(message))),
    ),
  );
}
