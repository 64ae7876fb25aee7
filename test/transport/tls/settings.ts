// TLS as it is set where nothing is said about it.

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
