// The object types: all of them in a list with a filter, the files that failed, and one type in detail.

import { fill, h, problem, section } from './dom.js';
import type { Feed } from './feed.js';
import type { FailedFile, TypeRow } from './reply-shapes.js';
import { clock, shortNumber, visible, wholeNumber } from './short-text.js';
import { TypeDetail } from './type-detail.js';
import { TypeStore } from './type-store.js';
import { route, type View } from './view.js';
import { VirtualList } from './virtual-list.js';

const REFRESH_MS = 2000;
/** Files that are saved together are loaded together. */
const SETTLE_MS = 150;

export function typesView(feed: Feed): View {
  const store = new TypeStore();
  const list = new VirtualList<TypeRow>({
    label: 'Object types',
    idOf: ({ name }) => name,
    content: (row) => [
      h('span', { class: 'row-main' }, h('strong', {}, row.name), h('small', { class: 'quiet' }, row.file)),
      h(
        'span',
        { class: 'row-side' },
        `v${row.version}`,
        h('small', { class: 'quiet' }, row.calls === 1 ? '1 call' : `${shortNumber(row.calls)} calls`),
      ),
    ],
    onOpen: ({ name }) => {
      location.hash = route('types', name);
    },
  });
  const filter = h('input', { type: 'search', id: 'type-filter', autocomplete: 'off', input: () => showRows() });
  const count = h('p', { class: 'quiet', role: 'status' });
  const errors = h('div');
  const detail = new TypeDetail(feed);
  const element = h(
    'div',
    { class: 'split' },
    h(
      'div',
      { class: 'column' },
      errors,
      section('Types', h('label', { class: 'field' }, 'Filter by name, file or language', filter), count, list.element),
    ),
    h('div', { class: 'column' }, detail.element),
  );

  function showRows(): void {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = store.rows.filter((row) => {
      const text = `${row.name} ${row.file} ${row.language}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    list.set(rows);
    count.textContent =
      words.length === 0
        ? `${wholeNumber(store.rows.length)} types`
        : `${wholeNumber(rows.length)} of ${wholeNumber(store.rows.length)} types`;
  }

  store.onChange = () => {
    showRows();
    fill(errors, store.errorCount > 0 && errorPanel(store.errors, store.errorCount));
  };
  const load = () => store.load().catch((error) => fill(errors, problem(error)));
  let settling: number | undefined;
  const ends = [
    feed.on('reload', () => {
      clearTimeout(settling);
      settling = setTimeout(() => {
        void load();
        detail.refresh();
      }, SETTLE_MS) as never;
    }),
  ];
  const timer = setInterval(() => {
    if (document.hidden) return;
    // With a filter the rows in sight are not neighbours.
    if (filter.value === '') store.refresh(list.visible).catch(() => undefined);
    detail.refresh();
  }, REFRESH_MS);
  void load();

  return {
    element,
    open([name]) {
      list.select(name);
      detail.show(name);
    },
    close() {
      store.close();
      clearInterval(timer);
      clearTimeout(settling);
      for (const end of ends) end();
    },
  };
}

function errorPanel(errors: readonly FailedFile[], count: number): HTMLElement {
  return section(
    `${wholeNumber(count)} ${count === 1 ? 'file' : 'files'} could not be loaded`,
    h(
      'ul',
      { class: 'errors' },
      ...errors.map(({ file, line, message, atUnixMs, runningVersion }) =>
        h(
          'li',
          {},
          h('strong', {}, line === null ? visible(file) : `${visible(file)}, line ${line}`),
          h('p', { class: 'message' }, visible(message)),
          h(
            'p',
            { class: 'quiet' },
            `${clock(atUnixMs)} · ${runningVersion === null ? 'not loaded' : `version ${runningVersion} keeps running`}`,
          ),
        ),
      ),
    ),
  );
}
