// Where reloaded types go when data threads serve: every thread compiles a change before any of them takes it up. The registry here
// knows names, files and versions only. Not for compiling, nor for the way of messages.

import { LoadError } from '../objects/load-error.js';
import type { LoadedMethod, LoadedType } from '../objects/loaded-type.js';
import { planParameters } from '../objects/loaded-type.js';
import { Registry } from '../objects/registry.js';
import type { TypeSource } from '../reload/type-source.js';
import type { Installed, TypeTarget } from '../reload/type-target.js';
import type { TypeChange, TypesReply } from './thread-messages.js';

/** The data threads, as far as types are concerned. */
export interface TypeThreads {
  /** Has every thread make the change ready. */
  prepareTypes(version: number, change: TypeChange): Promise<readonly TypesReply[]>;
  /** From now on every thread takes up, before its next batch, what it has made ready up to this version. */
  takeUpTypes(version: number): void;
  forgetTypes(version: number): void;
}

export class ThreadsTarget implements TypeTarget {
  readonly registry = new Registry();
  #version = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly threads: TypeThreads) {}

  async install(source: TypeSource): Promise<Installed> {
    const name = await this.#change({ kind: 'install', source });
    const { version } = this.registry.install(nameOnly(name, source));
    return { name, version };
  }

  async remove(file: string): Promise<string | undefined> {
    const name = this.registry.fromFile(file)?.type.name;
    this.registry.remove(file);
    await this.#change({ kind: 'remove', file });
    return name;
  }

  noteError(file: string, message: string): number {
    this.#change({ kind: 'error', file, message }).catch(() => {});
    return this.registry.noteError(file, message);
  }

  fileOf(name: string): string | undefined {
    return this.registry.find(name)?.type.file;
  }

  /** One change after the other, so that versions come in order. Answers the type's name; rejects with LoadError. */
  #change(change: TypeChange): Promise<string> {
    const done = this.#queue.then(() => this.#make(change));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #make(change: TypeChange): Promise<string> {
    const version = ++this.#version;
    const replies = await this.threads.prepareTypes(version, change);
    const failure = replies.find((reply) => reply.failure !== undefined)?.failure;
    if (failure !== undefined) {
      this.threads.forgetTypes(version);
      throw new LoadError(failure.file, failure.line, failure.reason);
    }
    this.threads.takeUpTypes(version);
    return replies[0]?.name ?? '';
  }
}

const NO_METHOD: LoadedMethod = {
  name: 'none',
  summary: '',
  access: 'none',
  plan: planParameters(),
  run: () => undefined,
};

function nameOnly(name: string, { language, file }: { language: TypeSource['language']; file: string }): LoadedType {
  return { name, summary: '', language, file, methods: new Map([['none', NO_METHOD]]), dispose: () => {} };
}
