// Options of the admin interface, which is HTTP. Their combinations: admin-config.ts. What it offers: app/admin/README.md.

import { resolve } from 'node:path';
import { options } from '../option.js';

const absolutePath = (path: string, directory: string) => resolve(directory, path);

export const ADMIN_OPTIONS = options([
  {
    name: 'admin-port',
    argument: 'number',
    key: 'adminPort',
    summary:
      'port for metrics, health checks and the admin API by HTTP; 0 takes any free one (default: none is opened)',
    schema: { type: 'integer', minimum: 0, maximum: 65535 },
  },
  {
    name: 'admin-listen',
    argument: 'address',
    key: 'adminHost',
    summary:
      'address of the admin port; any but a loopback address can be reached by other machines and needs --admin-token-file',
    schema: {
      type: 'string',
      maxLength: 253,
      pattern: '^[A-Za-z0-9.:_-]+$',
      allowed: 'a host or an address without a port, such as 127.0.0.1 or ::',
      default: '127.0.0.1',
    },
  },
  {
    name: 'admin-token-file',
    argument: 'file',
    key: 'adminTokenFile',
    convert: absolutePath,
    summary:
      'file whose first line is the bearer token that requests to the admin port must have, of at least 16 characters',
    schema: { type: 'string', minLength: 1 },
  },
]);
