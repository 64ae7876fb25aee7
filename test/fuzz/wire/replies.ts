// Checks the complete reply to several requests against the model.

import type { WireModel } from './model.js';
import type { WireRequest } from './requests.js';

const SHOWN_CHARACTERS = 300;

/** Throws at the first request whose reply is wrong. */
export function checkReplies(requests: readonly WireRequest[], reply: string, model: WireModel): void {
  let at = 0;
  for (const [index, request] of requests.entries()) {
    const end = model.check(request, reply, at);
    if (end === undefined) {
      throw new Error(`request ${index} ${shown(request.text)} was answered ${shown(reply.slice(at, at + 2000))}`);
    }
    at = end;
  }
  if (at !== reply.length) throw new Error(`after all requests there is more: ${shown(reply.slice(at))}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, 200)} ... ${text.slice(-90)}` : text);
}
