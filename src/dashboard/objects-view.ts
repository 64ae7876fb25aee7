// The objects and items of the cache: the search, and one of them or a call next to it.

import { CallForm } from './call-form.js';
import { fill, h, reveal } from './dom.js';
import { ObjectDetail } from './object-detail.js';
import { ObjectSearch } from './object-search.js';
import type { View } from './view.js';

const HINT =
  'Choose a key to look inside. Looking into an object counts as a use of it. To call a method of an object that does not exist yet, open its type.';

export function objectsView(): View {
  const search = new ObjectSearch();
  const detail = new ObjectDetail();
  const call = new CallForm();
  const side = h('div', { class: 'column' });
  let prefix: string | undefined;

  function list(wanted: string): void {
    if (prefix === wanted) return;
    prefix = wanted;
    search.search(wanted);
  }

  return {
    element: h('div', { class: 'split' }, h('div', { class: 'column' }, search.element), side),
    open([kind = 'list', first = '', second = '', third = '']) {
      if (kind === 'list') list(first);
      else if (prefix === undefined) list(kind === 'call' ? `${first}$` : '');
      if (kind === 'key' || kind === 'bytes') {
        fill(side, detail.element);
        detail.show(kind === 'key' ? { text: first } : { base64: first });
      } else if (kind === 'call') {
        fill(side, call.element);
        call.show(first, second, third);
      } else fill(side, h('p', { class: 'panel quiet' }, HINT));
      if (kind !== 'list') reveal(side);
    },
    close: () => search.close(),
  };
}
