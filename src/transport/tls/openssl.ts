// The calls of OpenSSL that the epoll transport makes, through koffi, on addresses as in libc.ts. Node has OpenSSL linked in and
// exports its functions, so no package is needed. Node's own sockets use Node's `tls`: node-tls.ts.

import { loadKoffi } from '../../base/koffi.js';

/** Addresses of OpenSSL's objects are numbers, like those of memory. */
export type SslContext = number & { readonly __brand: 'SslContext' };
export type Ssl = number & { readonly __brand: 'Ssl' };

export interface Openssl {
  serverMethod(): number;
  newContext(method: number): SslContext;
  freeContext(context: SslContext): void;
  controlContext(context: SslContext, command: number, value: number, pointer: number): number;
  setOptions(context: SslContext, options: number): void;
  setVerify(context: SslContext, mode: number, callback: number): void;
  setCipherList(context: SslContext, names: string): number;
  setCipherSuites(context: SslContext, names: string): number;
  useChainFile(context: SslContext, file: string): number;
  useKeyFile(context: SslContext, file: string, format: number): number;
  checkKey(context: SslContext): number;
  loadTrusted(context: SslContext, file: string, directory: null): number;
  loadAuthorityNames(file: string): number;
  setAuthorityNames(context: SslContext, names: number): void;
  setSessionContext(context: SslContext, name: Uint8Array, length: number): number;
  setTicketCount(context: SslContext, count: number): number;
  newSsl(context: SslContext): Ssl;
  freeSsl(ssl: Ssl): void;
  setDescriptor(ssl: Ssl, descriptor: number): number;
  accept(ssl: Ssl): number;
  read(ssl: Ssl, to: number, length: number): number;
  write(ssl: Ssl, from: number, length: number): number;
  /** Whether bytes have been taken from the socket that `read` has not returned yet. */
  hasPending(ssl: Ssl): number;
  /** The `SslError` of the last call; OpenSSL also reads the thread's queue of errors for it. */
  errorOf(ssl: Ssl, result: number): number;
  shutDown(ssl: Ssl): number;
  isResumed(ssl: Ssl): number;
  lastError(): number;
  clearErrors(): void;
  reasonOf(error: number): string | null;
}

/** The first version with all of these calls; from 3.0 on they mean the same. */
const OLDEST_VERSION = 0x3000_0000;

/** Node's executable or a library that it has loaded; otherwise the OS's library. */
const PLACES = [null, 'libssl.so.3'];

/** The library, or the reason why it is not available. */
export async function loadOpenssl(): Promise<Openssl | string> {
  try {
    const koffi = loadKoffi();
    for (const place of PLACES) {
      try {
        return bind(koffi.load(place));
      } catch {
        // The next place may have it.
      }
    }
    return 'neither this Node nor libssl.so.3 offers OpenSSL 3';
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}`;
  }
}

interface Library {
  func(declaration: string): unknown;
}

function bind(library: Library): Openssl {
  const func = <F>(declaration: string) => library.func(declaration) as F;
  const version = func<() => number>('unsigned long OpenSSL_version_num()');
  if (version() < OLDEST_VERSION) throw new Error('an older OpenSSL');
  // One literal, as in libc.ts.
  return {
    serverMethod: func('uintptr_t TLS_server_method()'),
    newContext: func('uintptr_t SSL_CTX_new(uintptr_t method)'),
    freeContext: func('void SSL_CTX_free(uintptr_t context)'),
    controlContext: func('long SSL_CTX_ctrl(uintptr_t context, int command, long value, uintptr_t pointer)'),
    setOptions: func('uint64_t SSL_CTX_set_options(uintptr_t context, uint64_t options)'),
    setVerify: func('void SSL_CTX_set_verify(uintptr_t context, int mode, uintptr_t callback)'),
    setCipherList: func('int SSL_CTX_set_cipher_list(uintptr_t context, const char *names)'),
    setCipherSuites: func('int SSL_CTX_set_ciphersuites(uintptr_t context, const char *names)'),
    useChainFile: func('int SSL_CTX_use_certificate_chain_file(uintptr_t context, const char *file)'),
    useKeyFile: func('int SSL_CTX_use_PrivateKey_file(uintptr_t context, const char *file, int format)'),
    checkKey: func('int SSL_CTX_check_private_key(uintptr_t context)'),
    loadTrusted: func('int SSL_CTX_load_verify_locations(uintptr_t context, const char *file, const char *directory)'),
    loadAuthorityNames: func('uintptr_t SSL_load_client_CA_file(const char *file)'),
    setAuthorityNames: func('void SSL_CTX_set_client_CA_list(uintptr_t context, uintptr_t names)'),
    setSessionContext: func('int SSL_CTX_set_session_id_context(uintptr_t context, const void *name, uint32_t length)'),
    setTicketCount: func('int SSL_CTX_set_num_tickets(uintptr_t context, size_t count)'),
    newSsl: func('uintptr_t SSL_new(uintptr_t context)'),
    freeSsl: func('void SSL_free(uintptr_t ssl)'),
    setDescriptor: func('int SSL_set_fd(uintptr_t ssl, int descriptor)'),
    accept: func('int SSL_accept(uintptr_t ssl)'),
    read: func('int SSL_read(uintptr_t ssl, uintptr_t to, int length)'),
    write: func('int SSL_write(uintptr_t ssl, uintptr_t from, int length)'),
    hasPending: func('int SSL_has_pending(uintptr_t ssl)'),
    errorOf: func('int SSL_get_error(uintptr_t ssl, int result)'),
    shutDown: func('int SSL_shutdown(uintptr_t ssl)'),
    isResumed: func('int SSL_session_reused(uintptr_t ssl)'),
    lastError: func('unsigned long ERR_peek_last_error()'),
    clearErrors: func('void ERR_clear_error()'),
    reasonOf: func('const char *ERR_reason_error_string(unsigned long error)'),
  };
}

/** OpenSSL's words for the last error. Empties the thread's queue of errors. */
export function takeReason(openssl: Openssl): string {
  const reason = openssl.reasonOf(openssl.lastError());
  openssl.clearErrors();
  return reason ?? 'unknown error';
}

/** Results of `errorOf`. */
export const SslError = { protocol: 1, wantRead: 2, wantWrite: 3, system: 5, closed: 6 } as const;

/** Commands of `controlContext`. */
export const SSL_CTRL_MODE = 33;
export const SSL_CTRL_SET_READ_AHEAD = 41;
export const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
export const SSL_CTRL_CLEAR_MODE = 78;
export const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;

export const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;
export const SSL_MODE_AUTO_RETRY = 4;
export const SSL_MODE_RELEASE_BUFFERS = 16;

export const SSL_SESS_CACHE_OFF = 0;
export const SSL_SESS_CACHE_SERVER = 2;

const SSL_OP_ENABLE_KTLS = 1 << 3;
const SSL_OP_IGNORE_UNEXPECTED_EOF = 1 << 7;
const SSL_OP_NO_TICKET = 1 << 14;
const SSL_OP_NO_RENEGOTIATION = 2 ** 30;

export const OPENSSL_OPTIONS = {
  /** A client that closes its socket without a TLS alert has ended normally, like one that does not encrypt. */
  always: SSL_OP_IGNORE_UNEXPECTED_EOF + SSL_OP_NO_RENEGOTIATION,
  withoutTickets: SSL_OP_NO_TICKET,
  kernelTls: SSL_OP_ENABLE_KTLS,
} as const;

export const SSL_FILETYPE_PEM = 1;
export const SSL_FILETYPE_ASN1 = 2;

export const SSL_VERIFY_NONE = 0;
export const SSL_VERIFY_PEER = 1;
export const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
export const SSL_VERIFY_CLIENT_ONCE = 4;
