// The words after a command as text, for rare commands. Keys and numbers: text-arguments.ts.

import type { TextContext } from './text-context.js';

export function argumentWords({ bytes, request }: TextContext): string[] {
  let text = '';
  for (let at = request.argumentsAt; at < request.argumentsEnd; at++) text += String.fromCharCode(bytes[at]);
  return text.split(' ').filter((word) => word !== '');
}
