// Options of TLS. All but the switch have memcached's names after -o. Their combinations: tls-config.ts.

import { resolve } from 'node:path';
import { options } from '../option.js';

const absolutePath = (path: string, directory: string) => resolve(directory, path);

const FILE = { type: 'string', minLength: 1 } as const;

export const TLS_OPTIONS = options([
  {
    name: 'enable-ssl',
    short: 'Z',
    key: 'tlsEnabled',
    setting: 'ssl_enabled',
    summary: 'serve TLS on all addresses that do not begin with notls:',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'ssl-chain-cert',
    argument: 'file',
    key: 'sslChainFile',
    setting: 'ssl_chain_cert',
    extended: 'ssl_chain_cert',
    convert: absolutePath,
    summary: "the server's certificate and those of its issuers, in PEM format",
    schema: FILE,
  },
  {
    name: 'ssl-key',
    argument: 'file',
    key: 'sslKeyFile',
    setting: 'ssl_key',
    extended: 'ssl_key',
    convert: absolutePath,
    summary: "the certificate's private key, if it is not in the same file",
    schema: FILE,
  },
  {
    name: 'ssl-keyformat',
    argument: 'name',
    key: 'sslKeyFormat',
    setting: 'ssl_keyformat',
    // OpenSSL's numbers.
    show: (name: 'PEM' | 'DER') => (name === 'PEM' ? 1 : 2),
    extended: 'ssl_keyformat',
    convert: (name: string) => name.toUpperCase() as 'PEM' | 'DER',
    summary: "the private key's format: PEM or DER",
    schema: { type: 'string', pattern: '^([Pp][Ee][Mm]|[Dd][Ee][Rr])$', allowed: 'PEM or DER', default: 'PEM' },
  },
  {
    name: 'ssl-ca-cert',
    argument: 'file',
    key: 'sslAuthorityFile',
    setting: 'ssl_ca_cert',
    extended: 'ssl_ca_cert',
    convert: absolutePath,
    summary: "certificates of the authorities that may sign clients' certificates, in PEM format",
    schema: FILE,
  },
  {
    name: 'ssl-verify-mode',
    argument: 'number',
    key: 'sslVerifyMode',
    setting: 'ssl_verify_mode',
    extended: 'ssl_verify_mode',
    convert: (mode: number) => mode as 0 | 1 | 2 | 3,
    summary: "clients' certificates: 0 requests none, 1 checks those that are sent, 2 and 3 require one",
    schema: { type: 'integer', minimum: 0, maximum: 3, default: 0 },
  },
  {
    name: 'ssl-min-version',
    argument: 'number',
    key: 'sslMinVersion',
    setting: 'ssl_min_version',
    show: (version: number) => `tlsv1.${version}`,
    extended: 'ssl_min_version',
    convert: (version: number) => version as 0 | 1 | 2 | 3,
    summary: 'oldest version of TLS: 0 to 3 for 1.0 to 1.3',
    schema: { type: 'integer', minimum: 0, maximum: 3, default: 2 },
  },
  {
    name: 'ssl-ciphers',
    argument: 'names',
    key: 'sslCiphers',
    setting: 'ssl_ciphers',
    extended: 'ssl_ciphers',
    summary: "cipher suites in OpenSSL's notation; OpenSSL's own choice if not given",
    schema: { type: 'string', minLength: 1 },
  },
  {
    name: 'ssl-session-cache',
    key: 'sslSessionCache',
    setting: 'ssl_session_cache',
    extended: 'ssl_session_cache',
    summary: 'let clients resume a session, which spares most of a handshake',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'ssl-kernel-tls',
    key: 'sslKernelTls',
    setting: 'ssl_kernel_tls',
    extended: 'ssl_kernel_tls',
    summary: 'let the kernel encrypt where it and OpenSSL can',
    schema: { type: 'boolean', default: false },
  },
  {
    name: 'ssl-wbuf-size',
    argument: 'kilobytes',
    key: 'sslWriteBufferKilobytes',
    setting: 'ssl_wbuf_size',
    show: (kilobytes: number) => kilobytes * 1024,
    extended: 'ssl_wbuf_size',
    summary: 'kilobytes of replies that are encrypted together, at most 16',
    schema: { type: 'integer', minimum: 1, maximum: 1048576, default: 16 },
  },
]);
