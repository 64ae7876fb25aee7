// Calls a method: a form with a field for each of its parameters, and the reply.

import { get, post } from './api.js';
import { callBody } from './call-body.js';
import { fill, h, problem, section } from './dom.js';
import { ParameterField } from './parameter-field.js';
import type { CallReply, Method, TypeFacts } from './reply-shapes.js';
import { visible, wholeNumber } from './short-text.js';
import { valueText } from './shown-text.js';
import { route } from './view.js';

/** What each outcome means to the user. */
const OUTCOMES: Readonly<Record<string, string>> = {
  result: 'Result',
  nothing: 'Done, without a result',
  missing: 'There is no such object',
  absent: 'There is no such object',
  original: 'Result',
  clientError: 'The call failed',
  serverError: 'The server failed',
};

export class CallForm {
  readonly element = h('div', { class: 'column' });
  #type: TypeFacts | undefined;
  #fields: readonly ParameterField[] = [];
  readonly #key = h('input', { name: 'key', required: true, autocomplete: 'off', spellcheck: 'false', maxlength: 250 });
  readonly #method = h('select', { name: 'method', change: () => this.#fillFields() });
  readonly #about = h('p', { class: 'quiet' });
  readonly #parameters = h('div', { class: 'column' });
  readonly #submit = h('button', { type: 'submit' }, 'Call');
  readonly #reply = h('div', { role: 'status', class: 'column' });

  show(type: string, method: string, key: string): void {
    fill(this.element, h('p', { class: 'panel quiet' }, 'loading'));
    get<TypeFacts>('api/type', { name: type }).then(
      (facts) => this.#fill(facts, method, key),
      (error) => fill(this.element, section('Call a method', problem(error))),
    );
  }

  #fill(type: TypeFacts, method: string, key: string): void {
    this.#type = type;
    this.#key.value = key;
    fill(this.#method, ...type.methods.map(({ name }) => h('option', {}, name)));
    const known = type.methods.some(({ name }) => name === method);
    const reading = type.methods.find(({ access }) => access === 'read');
    this.#method.value = known ? method : ((reading ?? type.methods[0])?.name ?? '');
    fill(
      this.element,
      section(
        `Call a method of ${type.name}`,
        h(
          'form',
          { class: 'column', submit: (event: Event) => this.#onSubmit(event) },
          h('label', { class: 'field' }, 'Key of the object', this.#key),
          h('label', { class: 'field' }, 'Method', this.#method),
          this.#about,
          this.#parameters,
          h('p', { class: 'buttons' }, this.#submit, h('a', { href: route('types', type.name) }, `Type ${type.name}`)),
        ),
        this.#reply,
      ),
    );
    this.#fillFields();
  }

  get #chosen(): Method | undefined {
    return this.#type?.methods.find(({ name }) => name === this.#method.value);
  }

  #fillFields(): void {
    const method = this.#chosen;
    this.#fields = (method?.parameters ?? []).map((parameter) => new ParameterField(parameter));
    fill(this.#parameters, ...this.#fields.map(({ element }) => element));
    const isReading = method?.access === 'read';
    this.#about.textContent =
      `${visible(method?.summary ?? '')} (${isReading ? 'only reads' : 'may change the object'})`.trim();
    fill(this.#reply);
  }

  #onSubmit(event: Event): void {
    event.preventDefault();
    this.#submit.disabled = true;
    this.#call()
      .catch((error) => fill(this.#reply, problem(error)))
      .finally(() => {
        this.#submit.disabled = false;
      });
  }

  async #call(): Promise<void> {
    const [type, method] = [this.#type?.name ?? '', this.#method.value];
    const given = this.#fields.map((field) => ({ argument: field.argument(), defaultText: field.defaultText }));
    const { outcome, value, totalBytes } = await post<CallReply>(
      'api/call',
      callBody(type, method, this.#key.value, given),
    );
    const isFailure = outcome === 'clientError' || outcome === 'serverError';
    const text = valueText(value);
    const isResult = text !== '' && outcome !== 'nothing' && outcome !== 'missing' && outcome !== 'absent';
    fill(
      this.#reply,
      h('h3', { class: isFailure ? 'problem' : undefined, 'data-outcome': outcome }, OUTCOMES[outcome] ?? outcome),
      isResult && h('pre', { tabindex: 0, 'aria-label': 'Reply' }, text),
      isResult && h('p', { class: 'quiet' }, `${wholeNumber(totalBytes)} bytes`),
      h('p', {}, h('a', { href: route('objects', 'key', `${type}$${this.#key.value}`) }, 'Look inside the object')),
    );
  }
}
