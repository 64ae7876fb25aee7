// A view of the page, made when its route is opened.

import type { Feed } from './feed.js';

export interface View {
  readonly element: HTMLElement;
  /** Shows what the rest of the route names, in the same view. */
  open(rest: readonly string[]): void;
  close(): void;
}

export type MakeView = (feed: Feed) => View;

/** The address of a view; parts may have any characters. */
export function route(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

export function partsOf(hash: string): string[] {
  return hash.replace(/^#\/?/, '').split('/').map(decoded);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
