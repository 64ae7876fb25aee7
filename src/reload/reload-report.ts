// The last step of the pipeline: reports the outcome for each file by one line of log and one event.

import type { Catalogue, CatalogueEntry } from '../objects/types/catalogue.js';
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

/** A file that failed, and the version of its type that stays active. */
interface Failure {
  readonly file: string;
  readonly running: CatalogueEntry | undefined;
}

/** One line lists at most this many files, so that it stays readable. */
const MOST_LISTED = 8;

export class ReloadReport {
  /** New failures of the batch, by the reason. */
  readonly #failures = new Map<string, Failure[]>();

  constructor(private readonly parts: ReportParts) {}

  /** Ends the report of a batch of steps. Each reason is logged once: a module that cannot be loaded fails in every type that uses it. */
  end(): void {
    for (const [reason, failures] of this.#failures) {
      const types = failures.filter(({ file }) => !reason.startsWith(`${file}:`));
      this.parts.log('warn', `${reason} (${consequences(types.length === 0 ? failures : types)})`);
    }
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
    const { catalogue, files, emit } = this.parts;
    const failure: Failure = { file, running: catalogue.fromFile(file) };
    const message = `${change.message} (${consequences([failure])})`;
    const current = files.get(path);
    if (current !== undefined) files.set({ ...current, failure: message });
    if (failureBefore !== message) {
      this.#failures.set(change.message, [...(this.#failures.get(change.message) ?? []), failure]);
    }
    emit({ file, outcome: 'failed', message });
  }
}

/** `version 1 keeps running`, or for several files `version 1 of stock and version 3 of cart keep running; scripts/tax.lua not loaded`. */
function consequences(failures: readonly Failure[]): string {
  const [first] = failures;
  if (failures.length === 1) {
    return first.running === undefined ? 'not loaded' : `version ${first.running.version} keeps running`;
  }
  const running = failures.flatMap(({ running: entry }) => entry ?? []);
  const missing = failures.filter((failure) => failure.running === undefined);
  const versions = running.map(({ name, version }) => `version ${version} of ${name}`);
  const parts = [
    ...(versions.length === 0 ? [] : [`${listed(versions)} ${versions.length === 1 ? 'keeps' : 'keep'} running`]),
    ...(missing.length === 0 ? [] : [`${listed(missing.map(({ file }) => file))} not loaded`]),
  ];
  return parts.join('; ');
}

function listed(words: readonly string[]): string {
  const more = words.length - MOST_LISTED;
  if (more > 0) return `${words.slice(0, MOST_LISTED).join(', ')} and ${more} more`;
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
