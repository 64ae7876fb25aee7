// One item or object: its facts, and its content part by part.

import { get } from './api.js';
import { facts, fill, h, problem, section } from './dom.js';
import { indentedJson } from './indented-json.js';
import type { ItemView } from './reply-shapes.js';
import { duration, size, wholeNumber } from './short-text.js';
import { keyText, type ShownBytes, valueText } from './shown-text.js';
import { route } from './view.js';

export class ObjectDetail {
  readonly element = h('div', { class: 'column' });
  #key: ShownBytes = {};
  /** Where the parts begin that have been shown before this one. */
  #before: number[] = [];

  show(key: ShownBytes): void {
    this.#key = key;
    this.#before = [];
    this.#load(0);
  }

  #load(from: number): void {
    const key = this.#key;
    const isCurrent = () => key === this.#key;
    get<ItemView>('api/object', { key: key.text, keyBase64: key.base64, from }).then(
      (view) => isCurrent() && this.#fill(view),
      (error) => isCurrent() && fill(this.element, section(keyText(key), problem(error))),
    );
  }

  #fill(view: ItemView): void {
    const { from, part, next, totalBytes } = view;
    const isWhole = from === 0 && next === null;
    const text = valueText(part);
    const bytes = isWhole
      ? `all ${wholeNumber(totalBytes)} bytes`
      : `from byte ${wholeNumber(from)} of ${wholeNumber(totalBytes)}`;
    const back = h('button', { type: 'button', click: () => this.#load(this.#before.pop() ?? 0) }, 'Previous part');
    const onward = h('button', { type: 'button', click: () => this.#onward(from, next) }, 'Next part');
    back.disabled = this.#before.length === 0;
    onward.disabled = next === null;
    fill(
      this.element,
      section(keyText(view.key), factsOf(view), callLink(view)),
      view.error === undefined
        ? section(
            'Content',
            h('p', { class: 'quiet', role: 'status' }, bytes),
            h('pre', { tabindex: 0, 'aria-label': 'Content' }, view.isObject && isWhole ? indentedJson(text) : text),
            !isWhole && h('p', { class: 'buttons' }, back, onward),
          )
        : section('Content', problem(view.error)),
    );
  }

  #onward(from: number, next: number | null): void {
    this.#before.push(from);
    this.#load(next ?? from);
  }
}

function factsOf(view: ItemView): HTMLElement {
  return facts([
    ['Kind', view.isObject ? 'object' : 'plain item'],
    [view.isObject ? 'Memory' : 'Value', `${size(view.bytes)} (${wholeNumber(view.bytes)} bytes)`],
    ['Time to live', view.ttlSeconds === null ? 'does not expire' : duration(view.ttlSeconds)],
    ['Unused for', duration(view.idleSeconds)],
    ['Client flags', view.clientFlags],
  ]);
}

/** Objects are stored at `type$key`. */
function callLink({ isObject, key: { text } }: ItemView): HTMLElement | false {
  const at = text?.indexOf('$') ?? -1;
  if (!isObject || text === undefined || at <= 0) return false;
  const address = route('objects', 'call', text.slice(0, at), '', text.slice(at + 1));
  return h('p', {}, h('a', { href: address }, 'Call a method of this object'));
}
