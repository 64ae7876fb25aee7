// Names the file and the line of a script's failure while it loads.

import { LoadError } from '../../../objects/types/load-error.js';
import { BudgetError } from '../../../tables/budget.js';
import { MODULE_FOLDER } from './module-source.js';
import { baseName } from './script-text.js';

/** Makes a LoadError of a script's failure while it loads. The failure of a module names the module's file. */
export function loading<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof LoadError) throw error;
    const message = messageOf(error);
    const [, module, line, reason] = IN_MODULE.exec(message) ?? [];
    if (module !== undefined) throw new LoadError(besideOf(file, module), Number(line), reason, { cause: error });
    const name = baseName(file);
    const place = message.startsWith(`${name}:`) ? /^(\d+): (.*)$/s.exec(message.slice(name.length + 1)) : null;
    if (place === null) throw new LoadError(file, undefined, message, { cause: error });
    throw new LoadError(file, Number(place[1]), place[2], { cause: error });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof BudgetError) return `${error.message} while it is loaded`;
  return error instanceof Error ? error.message : String(error);
}

const IN_MODULE = new RegExp(`^(${MODULE_FOLDER}/[\\w/-]+\\.lua):(\\d+): (.*)$`, 's');

/** `scripts/lib/money.lua` of `scripts/stock.lua` and `lib/money.lua`. */
export function besideOf(file: string, path: string): string {
  return file.slice(0, file.length - baseName(file).length) + path;
}
