// The default TLS settings.

import type { TlsSettings } from '../../../src/transport/tls/tls-settings.js';

export const defaultTls: TlsSettings = {
  chainFile: '',
  keyFile: '',
  keyFormat: 'PEM',
  authorityFile: undefined,
  verifyMode: 0,
  minVersion: 2,
  ciphers: undefined,
  sessionCache: false,
  kernelTls: false,
  writeBufferBytes: 16 * 1024,
};
