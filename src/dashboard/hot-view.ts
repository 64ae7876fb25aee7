// What is hot, what is big, what is slow, and what another size of the cache would bring.

import { get } from './api.js';
import { Chart } from './chart.js';
import { fill, h, problem, refill, section, table } from './dom.js';
import { routeOf } from './object-search.js';
import type { BigKeys, Curve, HotKeys, SlowCalls } from './reply-shapes.js';
import { clock, duration, percent, shortNumber, size, wholeNumber } from './short-text.js';
import { keyText, type ShownBytes } from './shown-text.js';
import { route, type View } from './view.js';

const REFRESH_MS = 5000;

export function hotView(): View {
  const [hot, big, slow] = [h('div'), h('div'), h('div')];
  const curveText = h('p', { class: 'quiet' });
  const curve = new Chart(
    'Hit ratio by size of the cache',
    [{ name: 'of gets', colour: '--chart-1' }],
    percent,
    [0, 1],
    '×',
  );

  async function load(): Promise<void> {
    refill(hot, hotTable(await get<HotKeys>('api/hot-keys')));
    refill(big, bigTable(await get<BigKeys>('api/big-keys')));
    const estimated = await get<Curve>('api/curve');
    curveText.textContent = curveInWords(estimated);
    curve.set(
      estimated.sizes.map(({ factor }) => factor),
      estimated.sizes.map(({ hitRatio }) => (estimated.gets > 0 ? hitRatio : null)),
    );
    refill(slow, slowTable(await get<SlowCalls>('api/slow-calls')));
  }

  const refresh = () => load().catch((error) => fill(hot, problem(error)));
  const timer = setInterval(() => !document.hidden && refresh(), REFRESH_MS);
  curve.element.append(curveText);
  return {
    element: h(
      'div',
      { class: 'grid' },
      section('Hot keys', h('p', { class: 'quiet' }, 'The keys of most requests in the last minutes, estimated.'), hot),
      section('Big keys', h('p', { class: 'quiet' }, 'The largest items, and objects with all that they hold.'), big),
      curve.element,
      section(
        'Slow calls',
        h('p', { class: 'quiet' }, 'The last calls of methods that took a millisecond or more.'),
        slow,
      ),
    ),
    open: () => void refresh(),
    close() {
      clearInterval(timer);
      curve.close();
    },
  };
}

function keyLink(key: ShownBytes, isStored = true): HTMLElement {
  const text = keyText(key);
  return isStored ? h('a', { href: routeOf(key), class: 'mono' }, text) : h('span', { class: 'mono' }, text);
}

function hotTable({ isOn, keys }: HotKeys): HTMLElement {
  if (!isOn) return h('p', {}, 'Hot keys are off, or keys may not be listed (-X).');
  if (keys.length === 0) return h('p', {}, 'No key has been used often enough yet.');
  const rows = keys.map((row) => [
    keyLink(row.key, row.holds !== 'nothing'),
    row.holds,
    `${row.sharePercent.toFixed(1)} %`,
    shortNumber(row.readsPerSecond),
    shortNumber(row.writesPerSecond),
  ]);
  return table('Hot keys', ['Key', '-Holds', '#Share', '#Reads/s', '#Writes/s'], rows);
}

function bigTable({ isOn, keys }: BigKeys): HTMLElement {
  if (!isOn) return h('p', {}, 'Keys may not be listed (-X).');
  if (keys.length === 0) return h('p', {}, 'Nothing of 2 KiB or more is stored.');
  const rows = keys.map((row) => [keyLink(row.key), row.holds, size(row.bytes), duration(row.idleSeconds)]);
  return table('Big keys', ['Key', '-Holds', '#Size', '#Unused for'], rows);
}

function slowTable({ count, calls }: SlowCalls): HTMLElement {
  if (calls.length === 0) return h('p', {}, 'No call has taken a millisecond.');
  const rows = calls.map((call) => [
    h('time', {}, clock(call.atUnixMs)),
    h(
      'span',
      {},
      h('a', { href: route('types', call.type), class: 'mono' }, `${call.type}:${call.method}`),
      h('small', { class: 'quiet block mono' }, keyText(call.key)),
      call.isFailed && h('small', { class: 'problem block' }, 'failed'),
    ),
    `${shortNumber(call.milliseconds)} ms`,
    wholeNumber(call.steps),
    call.argumentBytes.map((bytes) => bytes ?? '-').join(',') || '-',
  ]);
  return h(
    'div',
    {},
    table('Slow calls', ['Time', 'Method and key', '#Took', '-#Steps', '-#Argument bytes'], rows),
    h('p', { class: 'quiet' }, `${wholeNumber(count)} in all.`),
  );
}

function curveInWords({ isOn, gets, sizes, keysSampled, sampledOneIn }: Curve): string {
  if (!isOn) return 'The curve is off.';
  const own = sizes.find(({ factor }) => factor === 1);
  const twice = sizes.find(({ factor }) => factor === 2);
  if (gets === 0 || own === undefined || twice === undefined) return 'No key has been read yet.';
  const sample = `Estimated from ${wholeNumber(keysSampled)} keys, one in ${wholeNumber(sampledOneIn)}.`;
  return `${percent(own.hitRatio)} at ${size(own.bytes)}, the present size; ${percent(twice.hitRatio)} at ${size(twice.bytes)}. ${sample}`;
}
