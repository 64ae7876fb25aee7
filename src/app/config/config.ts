// The server's configuration: flags, environment and file merged (in this order of weight), checked, typed and frozen.
// The layers below do not see it: each gets its own options.

import { type GivenSettings, NOTHING_GIVEN } from '../../objects/types/type-settings.js';
import type { TypeFolder } from '../../reload/type-file.js';
import type { BudgetLimits } from '../../tables/budget.js';
import type { TlsSettings } from '../../transport/tls/tls-settings.js';
import type { ListenerSettings } from '../../transport/transport-options.js';
import { checkAdmin } from './admin-config.js';
import { checkListeners, openListenerNotices, resolveAuthentication } from './authentication-config.js';
import { checkConfig, checkItemSize, checkMemory, checkVirtualPrefixes, fitConnectionLimit } from './config-check.js';
import { type CheckedValues, readVersion } from './config-schema.js';
import type { ConfigSource, Given } from './config-source.js';
import { type Environment, readEnvironment } from './environment.js';
import { readOptions } from './file-options.js';
import type { PrintInstead } from './flags.js';
import { resolveListeners } from './listeners.js';
import { OPTIONS, type OptionConfig } from './option-table.js';
import { resolveTls } from './tls-config.js';
import { typeFolders } from './type-folders.js';

/** Has no functions, since data threads get a structured clone. */
export interface Config extends Omit<OptionConfig, 'extended' | 'listen' | 'port'> {
  readonly version: string;
  readonly listeners: readonly ListenerSettings[];
  /** The directories of object types. */
  readonly typeFolders: readonly TypeFolder[];
  /** Settings of object types, which are checked when a type is loaded. */
  readonly typeSettings: GivenSettings;
  readonly callBudget: BudgetLimits;
  /** Undefined if no listener uses TLS. */
  readonly tls: TlsSettings | undefined;
  /** Undefined if no login is required. */
  readonly userFile: string | undefined;
  /** The configuration file that was read. */
  readonly configFile: string | undefined;
  /** The file that the ports are written to, for harnesses of memcached. */
  readonly portFile: string | undefined;
  /** Lines to log at the start. */
  readonly notices: readonly string[];
  /** Options of memcached without effect here, by name, as the user gave them. */
  readonly withoutEffect: Readonly<Record<string, string>>;
  /** Whether statistics by prefix are kept from the start. */
  readonly prefixesCounted: boolean;
}

interface ConfigInput {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly directory: string;
}

export async function loadConfig({ args, environment, directory }: ConfigInput): Promise<Config | PrintInstead> {
  // Loaded only here: tests of object types have no command line and no file.
  const [{ parseFlags }, { readConfigFile }] = await Promise.all([import('./flags.js'), import('./config-file.js')]);
  const version = readVersion();
  const flags = parseFlags(args, version);
  if ('print' in flags) return flags;
  const file = await readConfigFile(flags.configFile ?? environment.CACHEISMO_CONFIG, directory);
  const portFile = environment.MEMCACHED_PORT_FILENAME || undefined;
  const place = { directory, version, configFile: file.file, portFile };
  return merge([file, readEnvironment(environment), flags.source], place);
}

/** The configuration that options alone make, by the names that they have in a file; `name` stands for the file in messages. */
export function configOf(options: object, name: string): Config {
  const place = { directory: process.cwd(), version: readVersion(), configFile: undefined, portFile: undefined };
  return merge([readOptions(options, name)], place);
}

/** Later sources weigh more. */
function merge(sources: readonly ConfigSource[], place: Omit<FixedParts, 'typeSettings' | 'withoutEffect'>): Config {
  const given = new Map<string, Given>(sources.flatMap((source) => [...source.values]));
  const notices = sources.flatMap((source) => source.notices);
  const withoutEffect = Object.fromEntries(sources.flatMap((source) => [...source.withoutEffect]));
  const values = convertValues(checkConfig(given), place.directory);
  const typeSettings = sources.find((source) => source.types !== undefined)?.types ?? NOTHING_GIVEN;
  return freezeConfig(values, given, notices, { ...place, typeSettings, withoutEffect });
}

/** The rows' own conversions; an option that is not given and has no default stays undefined. */
function convertValues(values: CheckedValues, directory: string): OptionConfig {
  const entries = OPTIONS.map(({ name, key, convert }) => {
    const value = values[name];
    return [key, value === undefined || convert === undefined ? value : convert(value as never, directory)];
  });
  return Object.fromEntries(entries) as OptionConfig;
}

/** Values that no option gives. */
type FixedParts = Pick<Config, 'configFile' | 'portFile' | 'typeSettings' | 'version' | 'withoutEffect'> & {
  readonly directory: string;
};

/** Values that depend on several options, or on the OS. */
function freezeConfig(
  { extended: _, listen, port, ...values }: OptionConfig,
  given: ReadonlyMap<string, Given>,
  notices: readonly string[],
  { directory, version, configFile, portFile, typeSettings, withoutEffect }: FixedParts,
): Config {
  const { memoryLimitBytes, scriptFolders, pluginFolders } = values;
  checkMemory(memoryLimitBytes, given.get('memory-limit'));
  checkVirtualPrefixes(values, given.get('virtual-prefix-required'));
  checkAdmin(values, given);
  const authentication = resolveAuthentication(values, given);
  const { protocol, userFile } = authentication;
  const listeners = resolveListeners({ ...values, protocol, listen, port }, given.get('listen'));
  checkListeners(authentication, listeners, given);
  const { tls, notices: tlsNotices } = resolveTls(values, listeners, given);
  const connections = fitConnectionLimit(values.connectionLimit, given.get('conn-limit'));
  return Object.freeze({
    ...values,
    protocol,
    userFile,
    version,
    listeners,
    connectionLimit: connections.limit,
    itemLimitBytes: checkItemSize(values.itemLimitBytes, memoryLimitBytes, given.get('max-item-size')),
    typeFolders: typeFolders({ scripts: scriptFolders, plugins: pluginFolders }, directory),
    typeSettings,
    callBudget: { steps: values.callSteps, bytes: values.callBytes, milliseconds: values.callMilliseconds },
    configFile,
    portFile,
    withoutEffect,
    prefixesCounted: given.has('prefix-delimiter'),
    tls,
    notices: [
      ...notices,
      ...udpNotices(given.get('udp-port')),
      ...connections.notices,
      ...tlsNotices,
      ...openListenerNotices(userFile, listeners),
    ],
  });
}

function udpNotices(given: Given | undefined): readonly string[] {
  return given === undefined || given.value === 0
    ? []
    : [`${given.label} ${given.text} has no effect: there is no UDP`];
}
