// Options of authentication. Their combinations: authentication-config.ts.

import { resolve } from 'node:path';
import { options } from '../option.js';

const absolutePath = (path: string, directory: string) => resolve(directory, path);

export const AUTHENTICATION_OPTIONS = options([
  {
    name: 'auth-file',
    short: 'Y',
    argument: 'file',
    key: 'authFile',
    setting: 'auth_enabled_ascii',
    show: (file: string | undefined) => file ?? 'no',
    convert: absolutePath,
    summary: 'file of users, as user:password or user:password:role; clients of the text protocol have to log in',
    schema: { type: 'string', minLength: 1 },
  },
  {
    name: 'enable-sasl',
    short: 'S',
    key: 'saslEnabled',
    setting: 'auth_enabled_sasl',
    summary:
      'clients of the binary protocol have to log in by SASL PLAIN; the users are those of -Y or of -o sasl_pwdb',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'sasl-pwdb',
    argument: 'file',
    key: 'saslFile',
    extended: 'sasl_pwdb',
    convert: absolutePath,
    summary: 'file of users for -S alone; also MEMCACHED_SASL_PWDB in the environment',
    schema: { type: 'string', minLength: 1 },
  },
]);
