// The subcommands: check, test, init, new and call for authors of object types; dump, load and passwd for operators. None of them starts a
// server.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { reasonOf } from '../base/error-reason.js';
import { utf8Encode } from '../base/latin1.js';
import { PACKAGE_ROOT, PACKAGE_URL } from '../base/package-root.js';
import type { Language } from '../objects/types/loaded-type.js';
import type { CallFlags } from './call.js';
import type { DumpFlags } from './portable/dump.js';
import type { LoadFlags } from './portable/load.js';
import type { ShardFlags } from './shards/shards-check.js';
import { EXIT, StartError } from './start-error.js';

const FAILED = 1;
const DEFAULT_FOLDERS: Readonly<Record<Language, string>> = { lua: 'scripts', typescript: 'plugins' };

interface Output {
  readonly write: (text: string) => void;
  /** A byte string. */
  readonly writeBytes: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** Rejects with StartError when the subcommand fails. */
export async function runSubcommand(args: readonly string[], output: Output): Promise<void> {
  const program = makeProgram(output);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return;
    const usage = `see cacheismo ${args[0]} --help`;
    const reason =
      thrown.code === 'commander.help' ? 'a command is missing' : reasonOf(thrown).replace(/^error: |\.$/g, '');
    throw new StartError(`${reason}; ${usage}`, EXIT.usage, { cause: thrown });
  }
}

function makeProgram(output: Output): Command {
  const program = new Command('cacheismo');
  const add = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .helpOption('--help', 'print this help')
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({ writeOut: output.write, writeErr: () => {} });
  add('check', 'load and validate object types without a server')
    .argument('<files...>', '.lua or .ts files, or directories of them')
    .action((files: string[]) => check(files, output));
  add('test', 'run the dialogues next to object types, without a server')
    .argument('[files...]', 'dialogues, types or directories of them; scripts and plugins by default')
    .option('--watch', 'run them again whenever a file is saved')
    .action((files: string[], options: { watch?: true }) => testDialogues(files, options.watch === true, output));
  add('init', 'make a directory of object types: a type in each language, its dialogue, settings for editors and npm')
    .argument('[directory]', 'where to write; the working directory by default')
    .action((directory: string | undefined) => writeProject(directory ?? '.', output));
  add('new', 'write a small object type that works, with its dialogue and a test')
    .argument('<language>', 'lua or ts')
    .argument('<name>', "the type's name")
    .option('--directory <directory>', 'where to write; scripts or plugins by default')
    .action((language: string, name: string, options: { directory?: string }) =>
      writeNew(language, name, options.directory, output),
    );
  withServer(add('call', 'call a method of an object on a running server'))
    .argument('<key>', 'a virtual key, such as set:put:mykey:a')
    .option('--data <text>', 'a data block, which the method gets as its last argument')
    .action(async (key: string, flags: CallFlags) => {
      const { call } = await import('./call.js');
      const value = await call(key, flags, process.env);
      output.writeBytes(value.endsWith('\n') ? value : `${value}\n`);
    });
  const say = (line: string) => output.writeError(`cacheismo: ${line}\n`);
  withServer(add('dump', 'write all items and objects of a running server to the output: cacheismo dump > FILE'))
    .option('--from <file>', 'of a memory file of -e, instead of a server')
    .action(async (flags: DumpFlags) => {
      const { dump } = await import('./portable/dump.js');
      await dump(flags, process.env, say);
    });
  withServer(add('load', 'put the items and objects of a dump into a running server: cacheismo load < FILE'))
    .option('--keep', 'leave items that the server has, instead of replacing them')
    .option(
      '--any-clock',
      'load objects into a server with items too, although times in the objects will be wrong there',
    )
    .option('--dry-run', 'check the input and load nothing; needs no server')
    .action(async (flags: LoadFlags) => {
      const { load } = await import('./portable/load.js');
      await load(flags, process.env, say);
    });
  add('passwd', 'write a user with the hash of a password, which is asked for or read from the input')
    .usage('[options] [file] <user>')
    .argument('<user...>', 'the file of users to change, then the name of the user; without a file the line is printed')
    .option('--role <role>', 'read, write, admin, or methods such as set.*,quota.addandcheck')
    .action((words: string[], options: { role?: string }) => passwd(words, options.role, output));
  addShards(add('shards', 'plan several servers behind a proxy or a client that shards'), output);
  return program;
}

function addShards(shards: Command, output: Output): void {
  shards
    .command('check')
    .description('print the server of each key, and the calls whose objects are on different servers')
    .argument(
      '[calls...]',
      'virtual keys, each with further keys that it uses after a blank; by default lines of the input',
    )
    .requiredOption('--servers <list>', 'host:port,..., each possibly with a name and a weight, as in name=host:port:2')
    .option('--hash <name>', 'of the key: md5, fnv1a_64, fnv1a_32, one_at_a_time, crc32 or crc32a', 'md5')
    .option('--distribution <name>', 'ketama, consistent (libmemcached without weights) or modula', 'ketama')
    .option('--tag <characters>', 'the two around the part of a key that is hashed, or none', '{}')
    .option('--types <names>', 'types besides those in ./scripts and ./plugins and those that ship')
    .helpOption('--help', 'print this help')
    .action(async (calls: string[], flags: ShardFlags) => {
      const { checkShards } = await import('./shards/shards-check.js');
      await checkShards(calls.map(utf8Encode), flags, output.writeBytes);
    });
}

/** Adds the flags that say where a running server is. */
function withServer(command: Command): Command {
  return command
    .option('-h, --host <host>', 'where the server is', '127.0.0.1')
    .option('-p, --port <number>', 'its port (default: CACHEISMO_PORT, else 11211)')
    .option('-s, --unix-socket <path>', 'its Unix socket, instead of host and port')
    .option('--user <name:password>', 'log in to a server with -Y (default: CACHEISMO_USER)')
    .option('--tls', 'encrypt')
    .option(
      '--ca <file>',
      "encrypt; certificates in PEM format of the authorities that may sign the server's (default: the system's)",
    );
}

async function passwd(words: readonly string[], role: string | undefined, output: Output): Promise<void> {
  const { writeUser } = await import('./passwd.js');
  const [user, file, ...more] = [...words].reverse();
  if (user === undefined || more.length > 0) throw new StartError('passwd: give a user, or a file and a user');
  output.writeBytes(await writeUser({ file, user, role }));
}

async function check(paths: readonly string[], output: Output): Promise<void> {
  const [{ checkFiles }, { Loader }, { ScriptLoader }, { projectSettings }] = await Promise.all([
    import('../reload/authoring/check-file.js'),
    import('../reload/loader.js'),
    import('../languages/lua/host/load-script.js'),
    import('./config/project-settings.js'),
  ]);
  const loader = new Loader({ settings: await projectSettings() });
  const failures: string[] = [];
  try {
    for (const { file, name, methods, failures: lines, helper } of await checkFiles(
      paths,
      loader,
      new ScriptLoader(),
    )) {
      if (lines !== undefined) failures.push(...lines);
      else if (name === undefined) output.write(`${file}: ${helper}: passed over\n`);
      else output.write(`${file}: ${name} is fine\n${(methods ?? []).map((line) => `  ${line}\n`).join('')}`);
    }
  } finally {
    await loader.close();
  }
  const last = failures.pop();
  for (const line of failures) output.writeError(`cacheismo: ${line}\n`);
  if (last !== undefined) throw new StartError(last, FAILED);
}

async function testDialogues(paths: readonly string[], isWatching: boolean, output: Output): Promise<void> {
  // A bundle of its own, which tests import as well: modules that it shared with the server would be in a third file.
  const bundle = new URL('dist/bundle/testing.js', PACKAGE_URL).href;
  const { runDialogues, watchDialogues } = (await import(bundle)) as typeof import('./testing/testing.js');
  const report = (line: string) => output.write(`${line}\n`);
  if (isWatching) await watchDialogues(paths, report);
  else if (!(await runDialogues(paths, report))) throw new StartError('dialogues failed', FAILED);
}

async function writeProject(directory: string, output: Output): Promise<void> {
  const [{ initProject }, { linkPackage }, { readVersion }] = await Promise.all([
    import('../reload/authoring/init-project.js'),
    import('../reload/authoring/package-link.js'),
    import('./config/config-schema.js'),
  ]);
  try {
    for (const line of initProject(directory, readVersion())) output.write(`${line}\n`);
  } catch (thrown) {
    throw new StartError(reasonOf(thrown), FAILED, { cause: thrown });
  }
  linkPackage(directory, PACKAGE_ROOT);
  output.write(
    'next: npm install fetches the compiler; npm run check checks the types, npx cacheismo test runs their dialogues, npx cacheismo serves them\n',
  );
}

async function writeNew(word: string, name: string, directory: string | undefined, output: Output): Promise<void> {
  const language: Language | undefined = word === 'lua' ? 'lua' : word === 'ts' ? 'typescript' : undefined;
  if (language === undefined) throw new StartError(`new ${word}: must be lua or ts`);
  const [{ newType }, { linkPackage }] = await Promise.all([
    import('../reload/authoring/new-type.js'),
    import('../reload/authoring/package-link.js'),
  ]);
  try {
    const place = directory ?? join('.', DEFAULT_FOLDERS[language]);
    const paths = newType(language, name, place);
    output.write(paths.map((path) => `wrote ${path}\n`).join(''));
    linkPackage(place, PACKAGE_ROOT);
    for (const other of othersOf(language, name))
      output.write(`${other} defines ${name}, too; scripts replace plugins, and yours replace those that ship\n`);
  } catch (thrown) {
    throw new StartError(reasonOf(thrown), FAILED, { cause: thrown });
  }
}

/** Other files that define a type of that name: the user's in the other language, and those that ship. */
function othersOf(language: Language, name: string): string[] {
  const mine = language === 'lua' ? join('plugins', `${name}.ts`) : join('scripts', `${name}.lua`);
  const shipped = [`${PACKAGE_ROOT}scripts/${name}.lua`, `${PACKAGE_ROOT}plugins/${name}.ts`];
  return [mine, ...shipped].filter((path) => existsSync(path));
}
