// Every option's names: the long one is its name in flags and files and, in capitals, in the environment. Types, limits, defaults
// and descriptions stand in schemas/config.schema.json. Not for the values.

export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What the help calls its value; none for a switch. */
  readonly argument?: string;
}

export interface UnneededOption extends Option {
  readonly reason: string;
  /** The values that change nothing, where others would; the refusal says so. */
  readonly values?: readonly string[];
  readonly refusal?: string;
}

export const OPTION_GROUPS: Readonly<Record<string, readonly Option[]>> = {
  'Network:': [
    { name: 'port', short: 'p', argument: 'number' },
    { name: 'listen', short: 'l', argument: 'addresses' },
    { name: 'unix-socket', short: 's', argument: 'file' },
    { name: 'unix-mask', short: 'a', argument: 'mask' },
    { name: 'conn-limit', short: 'c', argument: 'number' },
    { name: 'listen-backlog', short: 'b', argument: 'number' },
    { name: 'udp-port', short: 'U', argument: 'number' },
    { name: 'idle-timeout', argument: 'seconds' },
    { name: 'value-timeout', argument: 'seconds' },
    { name: 'write-timeout', argument: 'seconds' },
    { name: 'transport', argument: 'name' },
    { name: 'threads', short: 't', argument: 'number' },
  ],
  'Memory:': [
    { name: 'memory-limit', short: 'm', argument: 'size' },
    { name: 'max-item-size', short: 'I', argument: 'size' },
    { name: 'disable-evictions', short: 'M' },
  ],
  'Commands:': [
    { name: 'disable-cas', short: 'C' },
    { name: 'disable-flush-all', short: 'F' },
    { name: 'disable-dumping', short: 'X' },
    { name: 'enable-shutdown', short: 'A' },
    { name: 'debug-commands' },
  ],
  'Objects:': [
    { name: 'scripts', argument: 'directory' },
    { name: 'plugins', argument: 'directory' },
    { name: 'virtual-prefix', argument: 'prefixes' },
    { name: 'virtual-prefix-required' },
    { name: 'call-steps', argument: 'number' },
    { name: 'call-bytes', argument: 'size' },
    { name: 'call-milliseconds', argument: 'number' },
    { name: 'type-memory', argument: 'size' },
    { name: 'no-objects' },
  ],
  'Process:': [
    { name: 'verbose', short: 'v' },
    { name: 'log-format', argument: 'name' },
    { name: 'user', short: 'u', argument: 'name' },
    { name: 'pidfile', short: 'P', argument: 'file' },
    { name: 'watchdog-seconds', argument: 'number' },
    { name: 'debug-check', argument: 'seconds' },
    { name: 'extended', short: 'o', argument: 'options' },
  ],
};

export const OPTIONS: readonly Option[] = Object.values(OPTION_GROUPS).flat();

const NO_SLABS = 'there are no slab classes to tune';

/** Options of memcached that are accepted so that its start scripts work, and then said to be unneeded. */
export const UNNEEDED_OPTIONS: readonly UnneededOption[] = [
  { name: 'slab-growth-factor', short: 'f', argument: 'factor', reason: NO_SLABS },
  { name: 'slab-min-size', short: 'n', argument: 'bytes', reason: NO_SLABS },
  { name: 'enable-largepages', short: 'L', reason: NO_SLABS },
  { name: 'lock-memory', short: 'k', reason: 'the arena is allocated once and never given back' },
  { name: 'max-reqs-per-event', short: 'R', argument: 'number', reason: 'turns are bounded by time' },
  { name: 'enable-coredumps', short: 'r', reason: 'the system decides on core files' },
  {
    name: 'protocol',
    short: 'B',
    argument: 'name',
    reason: 'the text protocol is the only one',
    values: ['auto', 'ascii'],
    refusal: 'must be auto or ascii, as the binary protocol is not served',
  },
  { name: 'disable-watch', short: 'W', reason: 'there are no watch commands' },
];

/** Options of memcached that would promise something that is not done. */
export const REFUSED_OPTIONS: readonly UnneededOption[] = [
  { name: 'daemon', short: 'd', reason: 'not supported; run it under a service manager, in a container or by nohup' },
];

export function environmentName(option: Option): string {
  return `CACHEISMO_${option.name.toUpperCase().replaceAll('-', '_')}`;
}
