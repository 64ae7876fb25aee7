// The TLS settings of a transport, by memcached's names, and the check of the files that they name. Options: app/config/tls-config.ts.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { reasonOf } from '../../base/error-reason.js';
import { readWholeFile } from '../../base/whole-file.js';

export interface TlsSettings {
  readonly chainFile: string;
  /** May be the same file as the certificate's. */
  readonly keyFile: string;
  readonly keyFormat: 'PEM' | 'DER';
  /** Certificates of the authorities that sign clients' certificates. */
  readonly authorityFile: string | undefined;
  /** 0 requests no certificates from clients, 1 requests and checks them, 2 and 3 also refuse clients without one. */
  readonly verifyMode: 0 | 1 | 2 | 3;
  /** 0 to 3 for TLS 1.0 to 1.3. */
  readonly minVersion: 0 | 1 | 2 | 3;
  /** OpenSSL's list of cipher suites up to TLS 1.2; undefined leaves the choice to it. */
  readonly ciphers: string | undefined;
  /** Whether clients may resume a session without a full handshake. */
  readonly sessionCache: boolean;
  /** Whether the kernel encrypts, if it and OpenSSL support that. */
  readonly kernelTls: boolean;
  /** The most bytes of replies that are encrypted together. */
  readonly writeBufferBytes: number;
}

/** Distinguishes sessions of this server from those of others with the same certificate. */
export const SESSION_CONTEXT = 'cacheismo';

/** A file cannot be used: one line for the user. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
}

interface TlsFiles {
  readonly chain: Buffer;
  readonly key: KeyObject;
  readonly authorities: Buffer | undefined;
}

/** Reads all files. Throws TlsError, whose line names the file that cannot be used and the reason. */
export function readTlsFiles(settings: TlsSettings): TlsFiles {
  const { authorityFile, chainFile, keyFile } = settings;
  const chain = read('ssl_chain_cert', chainFile);
  const [certificate] = readCertificates('ssl_chain_cert', chainFile, chain);
  const key = readKey(settings);
  if (!certificate.checkPrivateKey(key)) {
    throw new TlsError(`ssl_key ${keyFile}: is not the key of the certificate in ${chainFile}`);
  }
  const authorities = authorityFile === undefined ? undefined : read('ssl_ca_cert', authorityFile);
  if (authorityFile !== undefined && authorities !== undefined) {
    readCertificates('ssl_ca_cert', authorityFile, authorities);
  }
  return { chain, key, authorities };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function readCertificates(option: string, file: string, bytes: Buffer): [X509Certificate, ...X509Certificate[]] {
  const blocks = bytes.toString('latin1').match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new TlsError(`${option} ${file}: holds no certificate in PEM format`);
  try {
    return blocks.map((block) => new X509Certificate(block)) as [X509Certificate, ...X509Certificate[]];
  } catch (error) {
    throw new TlsError(`${option} ${file}: holds a broken certificate`, { cause: error });
  }
}

function readKey({ keyFile, keyFormat }: TlsSettings): KeyObject {
  const bytes = read('ssl_key', keyFile);
  if (bytes.includes('ENCRYPTED PRIVATE KEY') || bytes.includes('Proc-Type: 4,ENCRYPTED')) {
    throw new TlsError(`ssl_key ${keyFile}: is protected by a passphrase, which nobody could type in at a start`);
  }
  for (const type of keyFormat === 'PEM' ? [undefined] : (['pkcs8', 'pkcs1', 'sec1'] as const)) {
    try {
      return createPrivateKey(type === undefined ? bytes : { key: bytes, format: 'der', type });
    } catch {
      // It may be of the next kind.
    }
  }
  throw new TlsError(`ssl_key ${keyFile}: holds no private key in ${keyFormat} format`);
}

function read(option: string, file: string): Buffer {
  try {
    return readWholeFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new TlsError(`${option} ${file}: ${READ_REASONS[code] ?? reasonOf(error)}`, { cause: error });
  }
}

const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the server may not read it',
};
