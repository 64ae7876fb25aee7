// Starts the server with a given configuration.

import './v8-flags.js';
import { reasonOf } from '../base/error-reason.js';
import { TlsError } from '../transport/tls/tls-settings.js';
import { ListenError } from '../transport/transport-options.js';
import type { Config } from './config/config.js';
import { ServiceManager } from './service-manager.js';
import { EXIT, StartError } from './start-error.js';
import { TOKENS, wire } from './wiring.js';

export async function startServer(config: Config): Promise<void> {
  try {
    const give = await wire(config);
    const server = give(TOKENS.server);
    server.manager = await ServiceManager.connect(process.env, give(TOKENS.log));
    await server.start();
  } catch (error) {
    if (error instanceof TlsError) throw new StartError(reasonOf(error), EXIT.usage, { cause: error });
    if (!(error instanceof ListenError)) throw error;
    throw new StartError(reasonOf(error), EXIT.osError, { cause: error });
  }
}
