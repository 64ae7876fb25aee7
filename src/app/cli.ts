#!/usr/bin/env -S node --max-semi-space-size=2
// The command `cacheismo`: reads the configuration, then starts the server or says in one line why not. A word in front of all flags
// names a subcommand. Not for what the server does.

import { loadConfig } from './config.js';
import { EXIT, reasonOf, StartError } from './start-error.js';

const SUBCOMMANDS = ['check', 'new', 'call'];

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (SUBCOMMANDS.includes(args[0] ?? '')) {
    const { runSubcommand } = await import('./subcommands.js');
    await runSubcommand(args, { write: (text) => process.stdout.write(text, 'latin1') });
    return;
  }
  const config = await loadConfig({ args, environment: process.env, directory: process.cwd() });
  if ('print' in config) {
    process.stdout.write(config.print);
    return;
  }
  // Loaded only now, so that a refusal or the help costs little.
  const { startServer } = await import('./start.js');
  await startServer(config);
}

main().catch((error: unknown) => {
  process.stderr.write(`cacheismo: ${error instanceof StartError ? reasonOf(error) : describeBug(error)}\n`);
  process.exit(error instanceof StartError ? error.exitCode : EXIT.software);
});

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
