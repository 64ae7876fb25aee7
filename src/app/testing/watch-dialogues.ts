// Runs dialogues again when a file next to them is saved.

import { directoriesOf, runDialogueFiles } from './dialogue-files.js';

/** Editors write a file in several steps; a choice. */
const SETTLE_MS = 60;

/** Resolves after the first run, with a function that ends the watch. */
export async function watchDialogueFiles(
  paths: readonly string[],
  report: (line: string) => void,
): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar');
  const watcher = watch(directoriesOf(paths), { ignoreInitial: true, depth: 2, ignored: /node_modules/ });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  let running = runDialogueFiles(paths, report);
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => {
        report('');
        return runDialogueFiles(paths, report);
      });
    }, SETTLE_MS);
  });
  await running;
  return async () => {
    clearTimeout(timer);
    await watcher.close();
    await running;
  };
}
