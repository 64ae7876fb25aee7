// The modules that scripts share: files below `lib` of their folder, such as `money.rates` in the subfolder `money`. This file does not load
// Lua. Running modules: script-modules.ts.

export const MODULE_FOLDER = 'lib';

export interface ScriptModule {
  /** As scripts require it, such as `money.rates`. */
  readonly name: string;
  readonly text: Uint8Array;
}

/** The text of modules: read from files while a script is examined, afterwards the recorded text. */
export interface ModuleSource {
  /** Undefined if there is no such module. Throws LoadError for a file that cannot be read. */
  find(name: string): ScriptModule | undefined;
  /** Why there is none, such as `there is no scripts/lib/money.lua`. */
  whyMissing(name: string): string;
}

export const NO_MODULES: ModuleSource = recordedModules([]);

/** `lib/money/rates.lua`, relative to the folder of scripts. */
export function modulePath(name: string): string {
  return `${MODULE_FOLDER}/${name.replaceAll('.', '/')}.lua`;
}

/** The modules that a script has required when it was examined. */
export function recordedModules(modules: readonly ScriptModule[]): ModuleSource {
  return {
    find: (name) => modules.find((module) => module.name === name),
    whyMissing: () => 'the script did not require it when it was examined',
  };
}
