// Makes OpenSSL's context of a server: certificate, key, trusted authorities, versions and ciphers. Each connection is made from a context
// and keeps it when it is replaced.

import {
  OPENSSL_OPTIONS,
  type Openssl,
  SSL_CTRL_CLEAR_MODE,
  SSL_CTRL_MODE,
  SSL_CTRL_SET_MIN_PROTO_VERSION,
  SSL_CTRL_SET_READ_AHEAD,
  SSL_CTRL_SET_SESS_CACHE_MODE,
  SSL_FILETYPE_ASN1,
  SSL_FILETYPE_PEM,
  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
  SSL_MODE_AUTO_RETRY,
  SSL_MODE_RELEASE_BUFFERS,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  SSL_VERIFY_CLIENT_ONCE,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  type SslContext,
  takeReason,
} from './openssl.js';
import { readTlsFiles, SESSION_CONTEXT, TlsError, type TlsSettings } from './tls-settings.js';

/** The number of TLS 1.0; each version up to 1.3 is one more. */
const TLS_1_0 = 0x0301;
/** As `minVersion` counts. */
const TLS_1_3 = 3;

const VERIFY_MODES = [
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT | SSL_VERIFY_CLIENT_ONCE,
] as const;

/** Throws TlsError, whose line names the file that cannot be used and the reason. */
export function makeServerContext(openssl: Openssl, settings: TlsSettings): SslContext {
  readTlsFiles(settings);
  openssl.clearErrors();
  const context = openssl.newContext(openssl.serverMethod());
  if (context === 0) throw new TlsError(`OpenSSL: ${takeReason(openssl)}`);
  try {
    setBehaviour(openssl, context, settings);
    setFiles(openssl, context, settings);
    return context;
  } catch (error) {
    openssl.freeContext(context);
    throw error;
  }
}

function setBehaviour(openssl: Openssl, context: SslContext, settings: TlsSettings): void {
  const { ciphers, kernelTls, minVersion, sessionCache, verifyMode } = settings;
  const control = (command: number, value: number) => openssl.controlContext(context, command, value, 0);
  // Without read-ahead each record takes two reads: its header, then its bytes.
  control(SSL_CTRL_SET_READ_AHEAD, 1);
  // A record that the kernel did not take is passed again, possibly from another address. Idle connections keep no buffers.
  control(SSL_CTRL_MODE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  const suites = ciphers === undefined ? undefined : splitCiphers(ciphers);
  // With automatic retries `SSL_read` would not return while a client sends only handshake messages, such as key updates.
  control(SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY);
  control(SSL_CTRL_SET_MIN_PROTO_VERSION, TLS_1_0 + Math.max(minVersion, suites?.minVersion ?? 0));
  control(SSL_CTRL_SET_SESS_CACHE_MODE, sessionCache ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF);
  let options = OPENSSL_OPTIONS.always;
  if (!sessionCache) options += OPENSSL_OPTIONS.withoutTickets;
  if (kernelTls) options += OPENSSL_OPTIONS.kernelTls;
  openssl.setOptions(context, options);
  if (!sessionCache) openssl.setTicketCount(context, 0);
  openssl.setSessionContext(context, Buffer.from(SESSION_CONTEXT), SESSION_CONTEXT.length);
  openssl.setVerify(context, VERIFY_MODES[verifyMode], 0);
  if (suites === undefined) return;
  const isTaken =
    (suites.tls13 === '' || openssl.setCipherSuites(context, suites.tls13) === 1) &&
    (suites.older === '' || openssl.setCipherList(context, suites.older) === 1);
  if (!isTaken) throw new TlsError(`ssl_ciphers ${ciphers}: ${takeReason(openssl)}`);
}

/** OpenSSL has a separate call for the suites of TLS 1.3. If only such suites are named, older versions are disabled. */
function splitCiphers(names: string): { readonly tls13: string; readonly older: string; readonly minVersion: number } {
  const all = names.split(':');
  const tls13 = all.filter((name) => name.startsWith('TLS_')).join(':');
  const older = all.filter((name) => !name.startsWith('TLS_')).join(':');
  return { tls13, older, minVersion: older === '' ? TLS_1_3 : 0 };
}

function setFiles(openssl: Openssl, context: SslContext, settings: TlsSettings): void {
  const { authorityFile, chainFile, keyFile, keyFormat } = settings;
  const expect = (result: number, what: string) => {
    if (result !== 1) throw new TlsError(`${what}: ${takeReason(openssl)}`);
  };
  expect(openssl.useChainFile(context, chainFile), `ssl_chain_cert ${chainFile}`);
  const format = keyFormat === 'DER' ? SSL_FILETYPE_ASN1 : SSL_FILETYPE_PEM;
  expect(openssl.useKeyFile(context, keyFile, format), `ssl_key ${keyFile}`);
  expect(openssl.checkKey(context), `ssl_key ${keyFile}`);
  if (authorityFile === undefined) return;
  expect(openssl.loadTrusted(context, authorityFile, null), `ssl_ca_cert ${authorityFile}`);
  // The context owns the list, by which clients choose one of their certificates.
  openssl.setAuthorityNames(context, openssl.loadAuthorityNames(authorityFile));
}
