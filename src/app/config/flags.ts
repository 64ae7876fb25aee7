// The command line: flags as given, and the help.

import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option as CommanderOption } from 'commander';
import { PACKAGE_ROOT } from '../../base/package-root.js';
import { EXIT, StartError } from '../start-error.js';
import { SUBCOMMANDS } from '../subcommand-names.js';
import { type ConfigSource, emptySource, expandExtended, takeWithoutRow } from './config-source.js';
import type { Option, OptionNames } from './option.js';
import { flagsOf, showDefault, summaryOf } from './option-documents.js';
import { OPTION_GROUPS, OPTIONS } from './option-table.js';
import { readOptionText } from './option-text.js';
import { ACCEPTED_OPTIONS } from './options/memcached-options.js';

interface FlagResult {
  readonly source: ConfigSource;
  readonly configFile: string | undefined;
}

/** The user asked for help or the version: the text to print instead of starting. */
export interface PrintInstead {
  readonly print: string;
}

export function parseFlags(args: readonly string[], version: string): FlagResult | PrintInstead {
  const printed: string[] = [];
  const command = makeCommand(version, (text) => printed.push(text));
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { print: printed.join('') };
    throw new StartError(`${oneLine(error, command.args)}; see cacheismo --help`, EXIT.usage, {
      cause: error,
    });
  }
  const given = command.opts<Record<string, string | number | boolean | string[] | undefined>>();
  const source = emptySource();
  if (given.license !== undefined) return { print: readFileSync(`${PACKAGE_ROOT}LICENSE`, 'utf8') };
  for (const option of ACCEPTED_OPTIONS) {
    const value = given[attribute(option)];
    if (value !== undefined) takeWithoutRow(source, option.name, label(option, args), String(value));
  }
  for (const option of OPTIONS) {
    const value = option.name === NO_OBJECTS ? !given.objects || undefined : given[attribute(option)];
    if (value === undefined) continue;
    const read = typeof value === 'string' ? readOptionText(value, option.schema) : value;
    source.values.set(option.name, { value: read, text: String(value), label: label(option, args) });
  }
  const configFile = given.config as string | undefined;
  return { source: expandExtended(source), configFile };
}

function oneLine(error: CommanderError, operands: readonly string[]): string {
  if (error.code === 'commander.excessArguments') {
    return `${operands
      .join(' ')
      .slice(0, 200)
      .replace(/\p{Cc}/gu, '?')}: is neither a subcommand (${SUBCOMMANDS.join(', ')}) nor the value of an option`;
  }
  return error.message.replace(/^error: /, '').replaceAll('\n', ' ');
}

/** Commander reads `--no-x` as the negation of an option x, which is true unless negated. */
const NO_OBJECTS = 'no-objects';

function makeCommand(version: string, print: (text: string) => void): Command {
  const command = new Command('cacheismo')
    .description('A memcached-compatible cache server whose values can be live objects.')
    .usage(['[options]', ...SUBCOMMANDS].join(' | '))
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .configureHelp({ helpWidth: 100 })
    .allowExcessArguments(false)
    .version(`cacheismo ${version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('-i, --license', 'print the license');
  command.optionsGroup('Configuration:');
  command.addOption(
    new CommanderOption('--config <file>', 'JSON or YAML file (default: cacheismo.config.{json,yaml,yml} here)'),
  );
  for (const [group, options] of Object.entries(OPTION_GROUPS)) {
    for (const option of options) command.addOption(commanderOption(option).helpGroup(group));
  }
  for (const option of ACCEPTED_OPTIONS) command.addOption(new CommanderOption(commanderFlags(option)).hideHelp());
  command.addHelpText('after', HELP_END);
  return command;
}

/** -vvvv means -vvv, as in memcached. */
const MOST_VERBOSE = 3;

const HELP_END = `
Subcommands, each with a --help of its own:
  check FILE|DIRECTORY...  load and validate object types without a server
  test [FILE|DIRECTORY...] run the dialogues next to object types, without a server (--watch)
  init [DIRECTORY]         make a directory of object types that is ready for an editor
  new lua|ts NAME          write a small object type that works, with its dialogue and a test
  call VIRTUALKEY          call a method on a running server (-p port, -h host, --data block); 3 is a miss
  dump > FILE              write all items and objects of a running server to a stream (-p port, -h host)
  load < FILE              put the items and objects of such a stream into a running server (-p port, -h host)
  passwd [FILE] USER       write a user with the hash of a password, for -Y and -S (--role role)
  shards check KEY...      print the server of each key behind a proxy or client that shards, and split calls

Every option can also be set in the environment (CACHEISMO_MEMORY_LIMIT=256) or in the file (memory-limit: 256).
Flags override the environment, which overrides the file. Sizes take a suffix: 512k, 2m, 1g.
memcached's other options are accepted with a notice in the log.`;

function commanderOption(option: Option): CommanderOption {
  const { name, schema } = option;
  const shown = option.argument === undefined ? '' : showDefault(schema);
  const description = `${summaryOf(option)}${shown === '' ? '' : ` (default: ${shown})`}`;
  const result = new CommanderOption(commanderFlags(option), description);
  if (name === 'verbose')
    return result.argParser((_: string, before: number | undefined) => Math.min((before ?? 0) + 1, MOST_VERBOSE));
  if (schema.type === 'array') {
    return result.argParser((text: string, before: string | undefined) =>
      before === undefined ? text : `${before},${text}`,
    );
  }
  return result;
}

function commanderFlags(option: OptionNames): string {
  return flagsOf(option).replace(/^(-.) /, '$1, ');
}

function attribute(option: OptionNames): string {
  return option.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `-p` or `--port`, whichever the user wrote. */
function label(option: OptionNames, args: readonly string[]): string {
  const long = `--${option.name}`;
  const isLong = option.short === undefined || args.some((text) => text === long || text.startsWith(`${long}=`));
  return isLong ? long : `-${option.short}`;
}
