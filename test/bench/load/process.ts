// Starts the load process, pinned to its processors, and sends it plans. The other side: load/main.ts.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinned } from '../host/processors.js';
import type { LoadAnswer, LoadPlan, LoadResult } from './plan.js';

export class LoadProcess {
  readonly #child: ChildProcess;

  constructor(processors: string | undefined) {
    const main = fileURLToPath(new URL('./main.js', import.meta.url));
    const [command, args] = pinned(processors, process.execPath, [main]);
    this.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  run(plan: LoadPlan): Promise<LoadResult> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the load process has ended'));
      child.once('exit', onExit);
      child.once('message', (answer: LoadAnswer) => {
        child.removeListener('exit', onExit);
        if ('result' in answer) resolve(answer.result);
        else reject(new Error(`load on port ${plan.port}: ${answer.error}`));
      });
      child.send(plan);
    });
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
