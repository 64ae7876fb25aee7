// Lines of the log, reloads and failures of methods, as they come.

import { get } from './api.js';
import { fill, h, problem, section } from './dom.js';
import type { Feed } from './feed.js';
import type { Failure, LogLine, Reload } from './reply-shapes.js';
import { clock, visible, visibleLines } from './short-text.js';
import type { View } from './view.js';

/** As many as the server keeps. */
const MOST_LINES = 500;
const MOST_RELOADS = 100;
/** A failure is in the log before it can be asked for. */
const SETTLE_MS = 300;

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  all: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
  'warnings and errors': ['warn', 'error', 'fatal'],
  errors: ['error', 'fatal'],
};

export function logView(feed: Feed): View {
  const levels = h(
    'select',
    { change: () => showLines() },
    ...Object.keys(LEVELS).map((name) => h('option', {}, name)),
  );
  const isPaused = h('input', { type: 'checkbox', change: () => showLines() });
  const list = h('ol', { class: 'events log', tabindex: 0, 'aria-label': 'Lines of the log, the newest first' });
  const [reloads, failures, trouble] = [h('div'), h('div'), h('div')];
  let lines: LogLine[] = [];

  function showLines(): void {
    const wanted = LEVELS[levels.value] ?? [];
    if (isPaused.checked) return;
    fill(list, ...lines.filter(({ level }) => wanted.includes(level)).map(lineItem));
  }

  function addLine(line: LogLine): void {
    if ((lines[0]?.number ?? 0) >= line.number) return;
    lines = [line, ...lines].slice(0, MOST_LINES);
    if (isPaused.checked || !(LEVELS[levels.value] ?? []).includes(line.level)) return;
    list.prepend(lineItem(line));
    if (list.childElementCount > MOST_LINES) list.lastElementChild?.remove();
  }

  async function load(): Promise<void> {
    const log = await get<{ readonly lines: readonly LogLine[] }>('api/log');
    lines = [...log.lines].reverse();
    showLines();
    await Promise.all([loadReloads(), loadFailures()]);
  }

  async function loadReloads(): Promise<void> {
    const all = await get<{ readonly reloads: readonly Reload[] }>('api/reloads', { limit: MOST_RELOADS });
    fill(
      reloads,
      all.reloads.length === 0 ? h('p', {}, 'No file of object types has been reloaded.') : reloadList(all.reloads),
    );
  }

  async function loadFailures(): Promise<void> {
    const all = await get<{ readonly failures: readonly Failure[] }>('api/failures');
    fill(failures, all.failures.length === 0 ? h('p', {}, 'No method has failed.') : failureList(all.failures));
  }

  const report = (error: unknown) => fill(trouble, problem(error));
  let [failing, reloading]: (number | undefined)[] = [];
  const later = (running: number | undefined, work: () => Promise<void>) => {
    clearTimeout(running);
    return setTimeout(() => work().catch(report), SETTLE_MS) as unknown as number;
  };
  const ends = [
    feed.on('log', (line) => {
      addLine(line);
      failing = later(failing, loadFailures);
    }),
    feed.on('reload', () => {
      reloading = later(reloading, loadReloads);
    }),
    // What came while there was no connection.
    feed.on('state', (state) => state === 'live' && load().catch(report)),
  ];
  load().catch(report);

  return {
    element: h(
      'div',
      { class: 'split' },
      section(
        'Log',
        trouble,
        h(
          'p',
          { class: 'buttons' },
          h('label', { class: 'field' }, 'Levels', levels),
          h('label', { class: 'choice' }, isPaused, ' Pause'),
        ),
        list,
      ),
      h('div', { class: 'column' }, section('Failures of methods', failures), section('Reloads of types', reloads)),
    ),
    open: () => undefined,
    close() {
      clearTimeout(failing);
      clearTimeout(reloading);
      for (const end of ends) end();
    },
  };
}

function lineItem({ unixMs, level, message }: LogLine): HTMLElement {
  return h(
    'li',
    { 'data-level': level },
    h('time', {}, clock(unixMs)),
    ' ',
    level !== 'info' && h('strong', {}, `${level} `),
    h('span', {}, visible(message)),
  );
}

function reloadList(reloads: readonly Reload[]): HTMLElement {
  return h(
    'ol',
    { class: 'events' },
    ...reloads.map(({ unixMs, outcome, message }) =>
      h('li', { 'data-outcome': outcome }, h('time', {}, clock(unixMs)), ' ', h('span', {}, visible(message))),
    ),
  );
}

function failureList(failures: readonly Failure[]): HTMLElement {
  return h(
    'ol',
    { class: 'events' },
    ...failures.map(({ atUnixMs, line, stack }) =>
      h(
        'li',
        { 'data-outcome': 'failed' },
        h('time', {}, clock(atUnixMs)),
        ' ',
        h('span', {}, visible(line)),
        stack !== '' && h('details', {}, h('summary', {}, 'Stack'), h('pre', { tabindex: 0 }, visibleLines(stack))),
      ),
    ),
  );
}
