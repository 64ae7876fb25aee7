// The dashboard: shows the view that the address names, and keeps one stream of events for all of them.

import { fill, h, setText } from './dom.js';
import { Feed } from './feed.js';
import { hotView } from './hot-view.js';
import { liveView } from './live-view.js';
import { logView } from './log-view.js';
import { objectsView } from './objects-view.js';
import { startTheme } from './theme.js';
import { typesView } from './types-view.js';
import { type MakeView, partsOf, type View } from './view.js';

const VIEWS: Readonly<Record<string, readonly [title: string, make: MakeView]>> = {
  live: ['Live', liveView],
  types: ['Types', typesView],
  objects: ['Objects', objectsView],
  hot: ['Hot and big', hotView],
  log: ['Log', logView],
};

const STATES = { waiting: 'connecting', live: 'live', lost: 'no connection, trying again' } as const;

const main = byId('main');
const feed = new Feed();
let shown: { readonly name: string; readonly view: View } | undefined;

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

function showRoute(): void {
  const [name = '', ...rest] = partsOf(location.hash);
  const [title, make] = VIEWS[name] ?? [];
  if (title === undefined || make === undefined) {
    location.replace('#/live');
    return;
  }
  if (shown?.name !== name) {
    shown?.view.close();
    const isFirst = shown === undefined;
    shown = { name, view: make(feed) };
    fill(main, h('h1', { class: 'unseen' }, title), shown.view.element);
    // Readers of the screen, and the Tab key, continue with the new view.
    if (!isFirst) main.focus({ preventScroll: true });
    document.title = `${title} – Cacheismo`;
    for (const link of document.querySelectorAll('nav a')) {
      if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }
  shown.view.open(rest);
}

startTheme(byId('theme') as HTMLButtonElement);
feed.on('state', (state) => {
  const connection = byId('connection');
  connection.dataset.state = state;
  setText(connection, STATES[state]);
});
feed.on('stats', ({ version }) => setText(byId('version'), version));
document.querySelector('.skip')?.addEventListener('click', (event) => {
  // Its address would be taken for that of a view.
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', showRoute);
showRoute();
void feed.run();
