// Makes elements. Text from the server becomes text nodes and nothing else: keys, values and messages come from anyone.

type Child = Node | string | number | false | null | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;

/** An element with attributes (functions are listeners of the event that they are named after) and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value as EventListener);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** Replaces what is refreshed by itself: not while the user selects text in it, and the focus stays on the link that has it. */
export function refill(element: Element, ...children: readonly Child[]): void {
  const selection = getSelection();
  if (selection?.isCollapsed === false && selection.containsNode(element, true)) return;
  const focused = element.contains(document.activeElement) ? document.activeElement?.getAttribute('href') : null;
  fill(element, ...children);
  if (typeof focused !== 'string') return;
  element.querySelector<HTMLElement>(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Changes the text only if it is another one, so that a selection stays. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A table with a caption for readers of the screen. Columns whose name begins with `-` are left out on narrow screens, with `#` hold numbers. */
export function table(caption: string, columns: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  const classes = columns.map((name) => `${name.includes('#') ? 'number ' : ''}${name.startsWith('-') ? 'wide' : ''}`);
  const cells = (row: readonly Child[]) => row.map((cell, index) => h('td', { class: classes[index] }, cell));
  return h(
    'table',
    {},
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...columns.map((name, index) => h('th', { scope: 'col', class: classes[index] }, name.replace(/^[-#]+/, ''))),
      ),
    ),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...cells(row)))),
  );
}

export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { class: 'panel', 'aria-label': title }, h('h2', {}, title), ...children);
}

/** Terms and their values. */
export function facts(rows: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** On a narrow screen what was chosen is below the list in which it was chosen. */
export function reveal(element: Element): void {
  if (matchMedia('(max-width: 60rem)').matches) element.scrollIntoView();
}

export function problem(error: unknown): HTMLElement {
  return h('p', { class: 'problem', role: 'alert' }, error instanceof Error ? error.message : String(error));
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : String(child));
  }
}
