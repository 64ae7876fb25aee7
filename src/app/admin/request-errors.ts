// What is wrong with a request to the admin port, in words for its sender: where the framework's refer to its own settings.

import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { withArticle } from '../../base/article.js';

/** The parts of a request, as the framework names them. */
const PARTS: Readonly<Record<string, string>> = { querystring: 'parameter', body: 'field' };

/** The first mistake in a query or a body. */
export function explainMistake([mistake]: readonly FastifySchemaValidationError[], part: string): Error {
  if (mistake === undefined) return new Error('the request is not valid');
  const { instancePath, keyword, params } = mistake;
  const noun = PARTS[part] ?? part;
  const name = instancePath.slice(1).replace(/\//g, '.');
  if (keyword === 'required') return new Error(`the ${noun} ${params.missingProperty} is required`);
  if (keyword === 'additionalProperties') return new Error(`there is no ${noun} ${shown(params.additionalProperty)}`);
  if (name === '') return new Error(`the ${part} ${ruleOf(mistake)}`);
  return new Error(`the ${noun} ${name} ${ruleOf(mistake)}`);
}

function ruleOf({ keyword, message = 'is not valid', params }: FastifySchemaValidationError): string {
  const { limit, type } = params;
  switch (keyword) {
    case 'type':
      return type === 'object' ? 'must be a JSON object' : `must be ${withArticle(String(type))}, given once`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'pattern':
      return String(params.pattern).includes('A-Za-z0-9+') ? 'must be base64' : 'has a character that is not allowed';
    default:
      return message;
  }
}

function shown(name: unknown): string {
  return String(name)
    .slice(0, 40)
    .replace(/[^ -~]/g, '?');
}
