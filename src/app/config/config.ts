// The server's configuration: flags, environment and file merged (in this order of weight), checked, typed and frozen.
// Not for reading the sources, and not seen by the layers below, which get their own options.

import { resolve } from 'node:path';
import type { TypeFolder } from '../../reload/type-file.js';
import type { BudgetLimits } from '../../tables/budget.js';
import type { ListenAddress } from '../../transport/transport-options.js';
import {
  checkConfig,
  checkItemSize,
  checkListen,
  checkMemory,
  checkVirtualPrefixes,
  fitConnectionLimit,
} from './config-check.js';
import { readConfigFile } from './config-file.js';
import { type CheckedValues, readConfigSchema, readVersion } from './config-schema.js';
import type { Given } from './config-source.js';
import { type Environment, readEnvironment } from './environment.js';
import { type PrintInstead, parseFlags } from './flags.js';
import { typeFolders } from './type-folders.js';

export interface Config {
  readonly version: string;
  readonly listen: readonly ListenAddress[];
  /** Set: no TCP. */
  readonly unixSocketPath: string | undefined;
  readonly unixMask: number;
  readonly listenBacklog: number;
  readonly connectionLimit: number;
  /** 0 is never. */
  readonly idleTimeoutSeconds: number;
  readonly valueTimeoutSeconds: number;
  readonly writeTimeoutSeconds: number;
  readonly transport: CheckedValues['transport'];
  /** As asked for; undefined leaves the choice to the server. */
  readonly threads: number | undefined;
  readonly memoryLimitBytes: number;
  readonly itemLimitBytes: number;
  readonly evictionsAllowed: boolean;
  readonly casAllowed: boolean;
  readonly flushAllAllowed: boolean;
  /** Of keys: by `stats cachedump`, `lru_crawler metadump` and `cacheismo:keys`. */
  readonly dumpingAllowed: boolean;
  readonly shutdownAllowed: boolean;
  readonly debugCommandsAllowed: boolean;
  readonly objectsAllowed: boolean;
  /** Where object types are loaded from. */
  readonly typeFolders: readonly TypeFolder[];
  readonly virtualPrefixes: readonly string[];
  readonly virtualPrefixRequired: boolean;
  readonly callBudget: BudgetLimits;
  readonly typeMemoryBytes: number;
  /** A thread that has not finished a batch for this long ends the process; 0 is never. */
  readonly watchdogSeconds: number;
  /** From one check of the arena to the next; 0 is never. */
  readonly debugCheckSeconds: number;
  readonly verbosity: number;
  readonly logFormat: CheckedValues['log-format'];
  readonly user: string | undefined;
  readonly pidFile: string | undefined;
  /** The configuration file that was read. */
  readonly configFile: string | undefined;
  /** To be logged at the start. */
  readonly notices: readonly string[];
}

export interface ConfigInput {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly directory: string;
}

export async function loadConfig({ args, environment, directory }: ConfigInput): Promise<Config | PrintInstead> {
  const schema = readConfigSchema();
  const version = readVersion();
  const flags = parseFlags(args, schema.properties, version);
  if ('print' in flags) return flags;
  const file = await readConfigFile(flags.configFile ?? environment.CACHEISMO_CONFIG, directory, schema.properties);
  const sources = [file, readEnvironment(environment, schema.properties), flags.source];
  const given = new Map<string, Given>(sources.flatMap((source) => [...source.values]));
  const notices = sources.flatMap((source) => source.notices);
  const values = checkConfig(schema, given);
  return freezeConfig(values, given, notices, { directory, version, configFile: file.file });
}

function freezeConfig(
  values: CheckedValues,
  given: ReadonlyMap<string, Given>,
  notices: readonly string[],
  { directory, version, configFile }: { directory: string; version: string; configFile: string | undefined },
): Config {
  const memoryLimitBytes = values['memory-limit'] * 1024 * 1024;
  checkMemory(memoryLimitBytes, given.get('memory-limit'));
  checkVirtualPrefixes(values, given.get('virtual-prefix-required'));
  const connections = fitConnectionLimit(values['conn-limit'], given.get('conn-limit'));
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(directory, text));
  const paths = (texts: readonly string[]) => texts.map((text) => resolve(directory, text));
  return Object.freeze({
    version,
    listen: checkListen(values, given.get('listen')),
    // Relative as given: what the system takes is short.
    unixSocketPath: values['unix-socket'],
    unixMask: Number.parseInt(values['unix-mask'], 8),
    listenBacklog: values['listen-backlog'],
    connectionLimit: connections.limit,
    idleTimeoutSeconds: values['idle-timeout'],
    valueTimeoutSeconds: values['value-timeout'],
    writeTimeoutSeconds: values['write-timeout'],
    transport: values.transport,
    threads: values.threads,
    memoryLimitBytes,
    itemLimitBytes: checkItemSize(values['max-item-size'], memoryLimitBytes, given.get('max-item-size')),
    evictionsAllowed: !values['disable-evictions'],
    casAllowed: !values['disable-cas'],
    flushAllAllowed: !values['disable-flush-all'],
    dumpingAllowed: !values['disable-dumping'],
    shutdownAllowed: values['enable-shutdown'],
    debugCommandsAllowed: values['debug-commands'],
    objectsAllowed: !values['no-objects'],
    typeFolders: typeFolders({ scripts: paths(values.scripts), plugins: paths(values.plugins) }, directory),
    virtualPrefixes: values['virtual-prefix'],
    virtualPrefixRequired: values['virtual-prefix-required'],
    callBudget: {
      steps: values['call-steps'],
      bytes: values['call-bytes'],
      milliseconds: values['call-milliseconds'],
    },
    typeMemoryBytes: values['type-memory'],
    watchdogSeconds: values['watchdog-seconds'],
    debugCheckSeconds: values['debug-check'],
    verbosity: values.verbose,
    logFormat: values['log-format'],
    user: values.user,
    pidFile: path(values.pidfile),
    configFile,
    notices: [...notices, ...connections.notices],
  });
}
