// Makes the server as it runs: whole programs in few files. A constant of the same file is a constant to V8; one of another module
// is looked up at each use, which cost a get a quarter of its time.

import { rmSync } from 'node:fs';
import { build } from 'rolldown';

const shared = {
  platform: 'node',
  // Packages stay what they are.
  external: (id) => !/^[./]/.test(id),
};

const output = { dir: 'dist/bundle', format: 'esm', sourcemap: true };

// Before all three, which may be made at the same time.
rmSync(output.dir, { recursive: true, force: true });

await build([
  { ...shared, input: 'dist/app/cli.js', output: { ...output, chunkFileNames: '[name].js' } },
  { ...shared, input: 'dist/app/data-thread.js', output: { ...output, codeSplitting: false } },
  {
    ...shared,
    // With the light compiler in it: its sixty files take longer to find than to run, and who has saved a file waits.
    external: /^node:/,
    input: 'dist/native/transform-worker.js',
    output: { ...output, codeSplitting: false },
  },
]);
