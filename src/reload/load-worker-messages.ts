// Messages between the main thread and the loader's thread. The result of a file is an Examined (examine.ts).

import type { Language } from '../objects/types/loaded-type.js';
import type { GivenSettings } from '../objects/types/type-settings.js';
import type { Examined } from './examine.js';
import type { TypeFolder } from './type-file.js';

/** Shared cells by which the main thread sees the progress of the loader's thread. */
export const LOADER_CELL = {
  /** Counts steps: a file is begun, or its code is about to run. */
  steps: 0,
  /** The current file, counted from 1 in its request; 0 for none. */
  file: 1,
  /** 1 while code of the file runs. */
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
  readonly settings: GivenSettings;
}
