// What the main thread and the loader's thread tell each other. Not for results of files (examine.ts).

import type { Language } from '../objects/types/loaded-type.js';
import type { Examined } from './examine.js';
import type { TypeFolder } from './type-file.js';

/** Cells by which the main thread sees how far this one is. */
export const LOADER_CELL = {
  /** Goes up with every step: a file begun, its code about to be run. */
  steps: 0,
  /** The file in work, counted from 1 in its request; 0 for none. */
  file: 1,
  /** Whether code of the file is run. */
  isRunning: 2,
  count: 3,
} as const;

export interface FileToExamine {
  readonly path: string;
  readonly folder: TypeFolder;
}

export type ToLoader =
  | { readonly kind: 'warm'; readonly language: Language }
  | { readonly kind: 'examine'; readonly id: number; readonly files: readonly FileToExamine[] };

/** Results of a request, in its order; `first` is the index of the first. */
export interface FromLoader {
  readonly id: number;
  readonly first: number;
  readonly results: readonly Examined[];
}

export interface LoaderStart {
  readonly cells: Int32Array<SharedArrayBuffer>;
}
