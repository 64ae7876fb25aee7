// A field of a form for one parameter, made of its JSON schema.

import { h } from './dom.js';
import type { Parameter } from './reply-shapes.js';
import { visible } from './short-text.js';

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export class ParameterField {
  readonly element: HTMLElement;
  readonly #control: Control;

  constructor(readonly parameter: Parameter) {
    const { name, optional, schema } = parameter;
    this.#control = controlOf(parameter);
    const about = [schema.type, boundsOf(parameter), optional ? 'optional' : '', schema.description ?? ''];
    this.element = h(
      'label',
      { class: 'field' },
      h('span', {}, h('strong', {}, visible(name)), ` ${visible(about.filter(Boolean).join(', '))}`),
      this.#control,
    );
  }

  /** The text of the argument; undefined if it is left out. Throws if it cannot be right. */
  argument(): string | undefined {
    const { name, optional, schema } = this.parameter;
    const { value } = this.#control;
    if (value === '' && optional) return undefined;
    if (schema.type === 'array' || schema.type === 'object') demandJson(name, schema.type, value);
    return value;
  }

  /** What stands for it if a later one is given. */
  get defaultText(): string {
    const { default: value = '' } = this.parameter.schema;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function controlOf({ name, optional, schema }: Parameter): Control {
  const placeholder = schema.default === undefined ? undefined : `default: ${JSON.stringify(schema.default)}`;
  const required = !optional && schema.type !== 'string';
  const shared = { name, required, placeholder, autocomplete: 'off', spellcheck: 'false' };
  const choices = schema.type === 'boolean' ? [true, false] : schema.enum;
  if (choices !== undefined) {
    const none = optional ? [h('option', { value: '' }, placeholder ?? 'left out')] : [];
    return h('select', { name, required }, ...none, ...choices.map((choice) => h('option', {}, String(choice))));
  }
  if (schema.type === 'number' || schema.type === 'integer') {
    const { minimum: min, maximum: max } = schema;
    return h('input', { ...shared, type: 'number', step: schema.type === 'integer' ? 1 : 'any', min, max });
  }
  if (schema.type === 'string') return h('input', { ...shared, type: 'text' });
  return h('textarea', { ...shared, rows: 3, placeholder: placeholder ?? (schema.type === 'array' ? '[…]' : '{…}') });
}

function boundsOf({ schema: { minimum, maximum, minLength, maxLength, pattern } }: Parameter): string {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low === undefined && high === undefined) return [];
    if (low === undefined) return [`at most ${high}${unit}`];
    return [high === undefined ? `at least ${low}${unit}` : `${low} to ${high}${unit}`];
  };
  const rules = [...range(minimum, maximum, ''), ...range(minLength, maxLength, ' characters')];
  return [...rules, ...(pattern === undefined ? [] : [`matches ${pattern}`])].join(', ');
}

function demandJson(name: string, type: 'array' | 'object', text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} must be JSON: ${(error as Error).message}`);
  }
  const isArray = Array.isArray(value);
  if (type === 'array' ? isArray : typeof value === 'object' && value !== null && !isArray) return;
  throw new Error(`${name} must be a JSON ${type}`);
}
