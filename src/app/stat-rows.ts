// Rows of `stats` that the engine cannot know: the configuration in memcached's names, and the server as a whole. Not for
// counters, which the engine finds where they are declared.

import type { ThreadSettings } from './threads/thread-engine.js';

type Row = readonly [name: string, value: string | number];

const onOff = (value: boolean) => (value ? 'on' : 'off');
const yesNo = (value: boolean) => (value ? 'yes' : 'no');

/** Rows of `stats settings`. */
export function settingsRows({ config, transport, dataThreads }: ThreadSettings, verbosity: number): readonly Row[] {
  const [first] = config.listen;
  return [
    ['maxbytes', config.memoryLimitBytes],
    ['maxconns', config.connectionLimit],
    ['tcpport', config.unixSocketPath === undefined ? (first?.port ?? 0) : 0],
    ['udpport', 0],
    ['inter', config.listen.map(({ host }) => host ?? '*').join(',')],
    ['verbosity', verbosity],
    ['evictions', onOff(config.evictionsAllowed)],
    ['domain_socket', config.unixSocketPath ?? 'NULL'],
    ['umask', config.unixMask.toString(8)],
    ['num_threads', dataThreads],
    ['cas_enabled', yesNo(config.casAllowed)],
    ['tcp_backlog', config.listenBacklog],
    ['item_size_max', config.itemLimitBytes],
    ['maxconns_fast', yesNo(true)],
    ['idle_timeout', config.idleTimeoutSeconds],
    ['flush_enabled', yesNo(config.flushAllAllowed)],
    ['dump_enabled', yesNo(config.dumpingAllowed)],
    ['shutdown_enabled', yesNo(config.shutdownAllowed)],
    ['value_timeout', config.valueTimeoutSeconds],
    ['write_timeout', config.writeTimeoutSeconds],
    ['transport', transport],
    ['objects_enabled', yesNo(config.objectsAllowed)],
  ];
}

/** Rows of `stats` on the server as a whole. */
export function serverRows({ config, dataThreads }: ThreadSettings, droppedLogLines: number): readonly Row[] {
  return [
    ['max_connections', config.connectionLimit],
    ['threads', dataThreads],
    ['log_lines_dropped', droppedLogLines],
  ];
}
