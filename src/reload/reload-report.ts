// The last step of the pipeline: reports the outcome for each file by one line of log and one event.

import type { Catalogue } from '../objects/types/catalogue.js';
import { shownName } from '../objects/types/contained-file.js';
import type { Step } from './change-plan.js';
import type { Examined } from './examine.js';
import type { LoadedFiles } from './loaded-files.js';
import type { TypeFolder } from './type-file.js';

type ReloadOutcome = 'loaded' | 'failed' | 'removed' | 'helper';

export interface ReloadEvent {
  /** As shown to users, such as `scripts/set.lua`. */
  readonly file: string;
  readonly outcome: ReloadOutcome;
  /** The line that was logged. */
  readonly message: string;
}

export type ReloadLog = (level: 'debug' | 'info' | 'warn', message: string) => void;

interface ReportParts {
  readonly catalogue: Catalogue;
  readonly files: LoadedFiles;
  readonly folderOf: (path: string) => TypeFolder;
  readonly log: ReloadLog;
  readonly emit: (event: ReloadEvent) => void;
}

export class ReloadReport {
  /** Failure lines that the batch has logged. */
  readonly #failures = new Set<string>();

  constructor(private readonly parts: ReportParts) {}

  /** Starts the report of a batch of steps. */
  begin(): void {
    this.#failures.clear();
  }

  /** Reports that the step's change is active. */
  done(step: Step): void {
    if (step.kind === 'install') this.#installed(step);
    else if (step.kind === 'remove') this.#removed(step);
    else if (step.kind === 'fail') this.#failed(step);
  }

  /** Logs once that a file defines no type, which is no error. */
  helper({ path, depends, isLink }: Examined, reason: string): void {
    const { files, folderOf, log, emit } = this.parts;
    const folder = folderOf(path);
    const file = shownName(folder, path);
    const isNew = files.get(path) === undefined;
    files.set({ path, file, rank: folder.rank, depends, isLink, name: undefined, failure: undefined });
    const message = `${file}: ${reason}; it is no object type, but others may import it`;
    if (isNew) log('debug', message);
    emit({ file, outcome: 'helper', message });
  }

  #installed({ file }: Step): void {
    const { catalogue, log, emit } = this.parts;
    const entry = catalogue.fromFile(file);
    // Another step of the batch has since taken the name, and is reported separately.
    if (entry === undefined) return;
    const shadow = catalogue.shadowOf(entry);
    const shadowed = shadow === undefined ? '' : `, shadowed by ${shadow.file}`;
    const message = `${file}: version ${entry.version} of ${entry.name} is live${shadowed}`;
    log('info', message);
    emit({ file, outcome: 'loaded', message });
  }

  #removed({ file, name }: Extract<Step, { kind: 'remove' }>): void {
    const { catalogue, log, emit } = this.parts;
    if (name === undefined) {
      emit({ file, outcome: 'removed', message: `${file}: was removed` });
      return;
    }
    const heir = catalogue.find(name)?.file;
    const rest = heir === undefined ? `type ${name} is no longer loaded` : `${heir} now defines ${name}`;
    const message = `${file}: was removed; ${rest}`;
    log('info', message);
    emit({ file, outcome: 'removed', message });
  }

  #failed({ path, file, change, failureBefore }: Extract<Step, { kind: 'fail' }>): void {
    const { catalogue, files, log, emit } = this.parts;
    const version = catalogue.fromFile(file)?.version;
    const message = `${change.message} (${version === undefined ? 'not loaded' : `version ${version} keeps running`})`;
    const current = files.get(path);
    if (current !== undefined) files.set({ ...current, failure: message });
    // A module that cannot be loaded fails on its own and in every file that imports it.
    if (failureBefore !== message && !this.#failures.has(message)) log('warn', message);
    this.#failures.add(message);
    emit({ file, outcome: 'failed', message });
  }
}
