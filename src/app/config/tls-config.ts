// Combines the options of TLS. Each of them protects something, so one that cannot be obeyed, or is given without -Z, stops the start;
// an option that has no effect with -Z is logged.
// Reading the files that they name: transport/tls/tls-settings.ts.

import type { TlsSettings } from '../../transport/tls/tls-settings.js';
import type { ListenerSettings } from '../../transport/transport-options.js';
import { StartError } from '../start-error.js';
import type { Given } from './config-source.js';
import type { OptionConfig } from './option-table.js';

/** The limit of a TLS record. */
const MAX_WRITE_KILOBYTES = 16;

interface TlsConfig {
  /** Undefined if no listener uses TLS. */
  readonly tls: TlsSettings | undefined;
  readonly notices: readonly string[];
}

type TlsOptionValues = Omit<OptionConfig, 'extended' | 'listen' | 'port'>;

/** `given` holds the options that the user has given, by name. */
export function resolveTls(
  values: TlsOptionValues,
  listeners: readonly ListenerSettings[],
  given: ReadonlyMap<string, Given>,
): TlsConfig {
  const label = (name: string) => given.get(name)?.label ?? `--${name}`;
  const enable = label('enable-ssl');
  if (!values.tlsEnabled) {
    const unused = [...given].filter(([name, { value }]) => name.startsWith('ssl-') && value !== false);
    if (unused.length === 0) return { tls: undefined, notices: [] };
    const labels = unused.map(([, option]) => option.label).join(', ');
    throw new StartError(
      `${labels}: without -Z nothing is encrypted: add -Z, or leave out the ${unused.length === 1 ? 'option' : 'options'}`,
    );
  }
  if (values.unixSocketPath !== undefined) {
    throw new StartError(`${enable}: a Unix socket is not encrypted: leave out ${label('unix-socket')} or ${enable}`);
  }
  if (listeners.every(({ tls }) => !tls)) {
    return { tls: undefined, notices: [`${enable} has no effect: every address begins with notls:`] };
  }
  const { sslAuthorityFile, sslChainFile, sslVerifyMode, sslWriteBufferKilobytes } = values;
  if (sslChainFile === undefined) {
    throw new StartError(`${enable}: needs a certificate, as in -o ssl_chain_cert=server.pem`);
  }
  if (sslVerifyMode > 0 && sslAuthorityFile === undefined) {
    throw new StartError(
      `${label('ssl-verify-mode')} ${sslVerifyMode}: needs those who may sign, as in -o ssl_ca_cert=ca.pem`,
    );
  }
  const notices: string[] = [];
  if (sslVerifyMode === 0 && sslAuthorityFile !== undefined) {
    notices.push(`${label('ssl-ca-cert')} has no effect: ssl_verify_mode 0 asks no client for a certificate`);
  }
  if (sslWriteBufferKilobytes > MAX_WRITE_KILOBYTES) {
    notices.push(`${label('ssl-wbuf-size')}: a record of TLS holds at most ${MAX_WRITE_KILOBYTES} kilobytes`);
  }
  const tls = {
    chainFile: sslChainFile,
    keyFile: values.sslKeyFile ?? sslChainFile,
    keyFormat: values.sslKeyFormat,
    authorityFile: sslAuthorityFile,
    verifyMode: sslVerifyMode,
    minVersion: values.sslMinVersion,
    ciphers: values.sslCiphers,
    sessionCache: values.sslSessionCache,
    kernelTls: values.sslKernelTls,
    writeBufferBytes: Math.min(sslWriteBufferKilobytes, MAX_WRITE_KILOBYTES) * 1024,
  };
  return { tls, notices };
}
