// The words that name a subcommand: subcommands.ts runs them, and the help lists them.

export const SUBCOMMANDS: readonly string[] = [
  'check',
  'test',
  'init',
  'new',
  'call',
  'dump',
  'load',
  'passwd',
  'shards',
];
