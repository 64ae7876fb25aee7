// The settings of object types for commands that start no server, such as `cacheismo test`: those of the configuration file that a server
// started here would read.

import { type GivenSettings, NOTHING_GIVEN } from '../../objects/types/type-settings.js';
import { readConfigFile } from './config-file.js';
import { CONFIG_FILE } from './environment.js';

/** Rejects with StartError. */
export async function projectSettings(): Promise<GivenSettings> {
  const { types = NOTHING_GIVEN } = await readConfigFile(process.env[CONFIG_FILE] || undefined, process.cwd());
  return types;
}
