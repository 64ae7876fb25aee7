// The certificates that the data threads share, loaded once by the main thread.

import { type CertificateCells, Certificates, makeCertificateCells } from '../../transport/tls/certificates.js';
import { loadOpenssl } from '../../transport/tls/openssl.js';
import type { Config } from '../config/config.js';
import { EXIT, StartError } from '../start-error.js';

export interface PlaneCertificates {
  readonly loaded: Certificates;
  /** The cells by which the threads find the certificates. */
  readonly cells: CertificateCells;
}

/** Reads the files before the process drops root, since only root may have access. A TlsError names the file that cannot be used. */
export async function loadCertificates({ tls }: Config): Promise<PlaneCertificates | undefined> {
  if (tls === undefined) return undefined;
  const openssl = await loadOpenssl();
  if (typeof openssl === 'string') throw new StartError(`TLS: ${openssl}`, EXIT.software);
  const cells = makeCertificateCells();
  const loaded = new Certificates(openssl, tls, cells);
  loaded.load();
  return { loaded, cells };
}
