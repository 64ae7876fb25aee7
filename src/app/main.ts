// The command `cacheismo`, which cli.ts starts: reads the configuration, then starts the server or prints one line with the reason why not. A word before all
// flags names a subcommand.

import { reasonOf } from '../base/error-reason.js';
import { systemDescriptorLimit } from '../transport/descriptors.js';
import { isDaemonChild, reportRefusal, reportServing, startDaemon } from './daemon.js';
import { EXIT, StartError } from './start-error.js';
import { SUBCOMMANDS } from './subcommand-names.js';

/** Up to 24 descriptors are reserved for loading a changed type (transport/descriptors.ts); with fewer than this none would be left for
 * clients. */
const FEWEST_DESCRIPTORS = 64;

async function main(): Promise<void> {
  const descriptors = systemDescriptorLimit();
  if (descriptors < FEWEST_DESCRIPTORS) {
    throw new StartError(
      `the process may open only ${descriptors} files (ulimit -n); at least ${FEWEST_DESCRIPTORS} are needed`,
      EXIT.osError,
    );
  }
  const args = withoutHelpWord(process.argv.slice(2));
  // A dump, which must not end silently before its end, looks after its output itself.
  if (args[0] !== 'dump') process.stdout.on('error', endWithOutput);
  if (SUBCOMMANDS.includes(args[0] ?? '')) {
    const { runSubcommand } = await import('./subcommands.js');
    await runSubcommand(args, {
      write: (text) => process.stdout.write(text),
      writeBytes: (text) => process.stdout.write(text, 'latin1'),
      writeError: (text) => process.stderr.write(text),
    });
    return;
  }
  const { loadConfig } = await import('./config/config.js');
  const config = await loadConfig({ args, environment: process.env, directory: process.cwd() });
  if ('print' in config) {
    process.stdout.write(config.print);
    return;
  }
  if (config.daemon && !isDaemonChild()) {
    await startDaemon(config.verbosity);
    return;
  }
  // Loaded only now, so that a refusal or the help costs little.
  const { startServer } = await import('./start.js');
  await startServer(config);
  process.off('uncaughtException', refuse);
  if (isDaemonChild()) reportServing();
}

/** `help` and `help call` are `--help` and `call --help`. */
function withoutHelpWord(args: readonly string[]): readonly string[] {
  return args[0] === 'help' ? [...args.slice(1), '--help'] : args;
}

/** Without a word if the program that reads the output has ended, as `head` does. */
function endWithOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.outputClosed);
  refuse(new StartError(`the output cannot be written: ${reasonOf(error)}`, EXIT.ioError, { cause: error }));
}

/** The error in one line. */
function refuse(error: unknown): void {
  const line = `cacheismo: ${error instanceof StartError ? reasonOf(error) : describeUnexpected(error)}\n`;
  const code = error instanceof StartError ? error.exitCode : EXIT.software;
  if (isDaemonChild()) {
    reportRefusal(line, code, () => process.exit(code));
    return;
  }
  process.stderr.write(line);
  process.exit(code);
}

/** The error with the place where it was thrown, if that is in our own code. */
function describeUnexpected(error: unknown): string {
  const place =
    error instanceof Error
      ? /\(?(\/[^()\n]*\/(?:dist|src)\/[^()\n]*:\d+):\d+\)?/.exec(error.stack ?? '')?.[1]
      : undefined;
  return `the start failed unexpectedly: ${reasonOf(error)}${place === undefined ? '' : ` (${place})`}`;
}

process.on('uncaughtException', refuse);
main().catch(refuse);
