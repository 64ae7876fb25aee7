// Where the server listens, resolved from -l, -p, -s, -a, -B, -Z and --transport.

import { ListenError, type ListenerSettings, parseListenAddresses } from '../../transport/transport-options.js';
import type { Given } from './config-source.js';
import type { OptionConfig } from './option-table.js';
import { wrongValue } from './wrong-value.js';

type ListenOptionValues = Pick<
  OptionConfig,
  'listen' | 'port' | 'unixSocketPath' | 'unixMask' | 'protocol' | 'tlsEnabled' | 'transport'
>;

type Protocol = OptionConfig['protocol'];

/** memcached's notation before an address; a tag only names the listener in its statistics. */
const PREFIX = /^(?:(notls):|proto\[([^\]]*)\]:|tag\[[^\]]*\]:)/;

const PROTOCOLS: Readonly<Record<string, Protocol>> = { ascii: 'ascii', binary: 'binary', negotiating: 'auto' };

/** A Unix socket takes the place of all TCP addresses. */
export function resolveListeners(values: ListenOptionValues, given: Given | undefined): readonly ListenerSettings[] {
  const { unixSocketPath: path, unixMask: mode, protocol, transport } = values;
  // Relative as given: the kernel's limit for a path is short.
  if (path !== undefined) return [{ address: { path, mode }, protocols: protocol, tls: false, transport }];
  return values.listen.flatMap((text) => {
    const { address, isPlain, protocols } = readPrefixes(text, protocol, given);
    try {
      return parseListenAddresses(address, values.port).map((parsed) => ({
        address: parsed,
        protocols,
        tls: values.tlsEnabled && !isPlain,
        transport,
      }));
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      throw wrongValue({ label: given?.label ?? 'listen', text }, 'host, host:port or [host]:port');
    }
  });
}

function readPrefixes(text: string, standard: Protocol, given: Given | undefined) {
  let address = text;
  let isPlain = false;
  let protocols = standard;
  for (let match = PREFIX.exec(address); match !== null; match = PREFIX.exec(address)) {
    const name = match[2];
    const named = name === undefined ? protocols : PROTOCOLS[name];
    if (named === undefined) {
      throw wrongValue(
        { label: given?.label ?? 'listen', text },
        'proto[ascii]:, proto[binary]: or proto[negotiating]: before an address',
      );
    }
    protocols = named;
    isPlain ||= match[1] !== undefined;
    address = address.slice(match[0].length);
  }
  return { address, isPlain, protocols };
}
