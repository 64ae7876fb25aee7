// Why a key calls nothing, in one line: for tests, in which such a key is a mistake.

import { didYouMean } from '../../base/nearest.js';
import type { Registry } from '../../objects/types/registry.js';

export function whyNoCall(key: string, registry: Registry): string {
  const [, type = '', method] = /^([^:]*)(?::([^:]*))?/.exec(key) ?? [];
  const names = registry.list().map(({ name }) => name);
  const found = registry.find(type);
  if (found === undefined) {
    const loaded = `loaded are ${names.join(', ')}`;
    return `${key} is no call: type ${type} is not loaded${didYouMean(type, names)}; ${loaded}`;
  }
  const methods = [...found.type.methods.keys()];
  if (method === undefined || !methods.includes(method)) {
    const near = method === undefined ? '' : didYouMean(method, methods);
    return `${key} is no call: type ${type} has no method ${method ?? ''}${near}; it has ${methods.join(', ')}`;
  }
  return `${key} is no call: a call has the form type:method:key`;
}
