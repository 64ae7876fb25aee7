// The TLS certificates as the command refresh_certs, SIGHUP and `stats` use them, for both transports.

import { reasonOf } from '../../base/error-reason.js';
import { TlsError } from '../../transport/tls/tls-settings.js';

export interface RefreshableCertificates {
  /** Milliseconds since 1970. */
  readonly loadedAtMs: number;
  /** Reloads them for new connections; throws TlsError with the reason if the old ones stay. */
  refresh(): void;
}

/** The certificates of a transport that is made later; `own` is called only when they are needed. */
export function laterCertificates(own: () => RefreshableCertificates | undefined): RefreshableCertificates {
  return {
    get loadedAtMs() {
      return own()?.loadedAtMs ?? 0;
    },
    refresh: () => own()?.refresh(),
  };
}

export function ageSeconds(certificates: RefreshableCertificates | undefined): number | undefined {
  return certificates && Math.floor((Date.now() - certificates.loadedAtMs) / 1000);
}

/** The reason why they could not be loaded, in one line. */
export function tryRefresh(certificates: RefreshableCertificates): string | undefined {
  try {
    certificates.refresh();
    return undefined;
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    return reasonOf(error);
  }
}
