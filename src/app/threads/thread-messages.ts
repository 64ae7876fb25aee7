// The messages between the main thread and a data thread. Requests never leave their thread.

import type { ActivityCells } from '../../base/activity.js';
import type { MemoryLimitChange } from '../../operations/operation-options.js';
import type { ChangeFailure, TypeChange } from '../../reload/staged-types.js';
import type { KnownUsers, PasswordQuestion } from '../../security/thread-authenticator.js';
import type { EpollListener, EpollPeer } from '../../transport/epoll/acceptor.js';
import type { CertificateCells } from '../../transport/tls/certificates.js';
import type { AnswerMessage, AskMessage } from './questions.js';
import type { ThreadSettings } from './thread-settings.js';

/** The start data of a data thread. */
export interface DataThreadStart {
  readonly arena: SharedArrayBuffer;
  /** From 1; the main thread is 0. */
  readonly thread: number;
  readonly settings: ThreadSettings;
  /** Cells of ConnectionShares. */
  readonly shares: Int32Array<SharedArrayBuffer>;
  /** Of PeerAddresses. */
  readonly peerCells: SharedArrayBuffer;
  readonly activity: ActivityCells;
  /** Of FailureRing. */
  readonly failures: SharedArrayBuffer;
  readonly epoll: number;
  readonly wake: number;
  readonly peers: readonly EpollPeer[];
  /** Only with TLS. */
  readonly certificates: CertificateCells | undefined;
  /** Only if clients have to log in. */
  readonly users: KnownUsers | undefined;
}

/** To a data thread, which reads them when it is woken. */
export type ToDataThread =
  | { readonly kind: 'serve'; readonly listeners: readonly EpollListener[]; readonly accepts: boolean }
  | { readonly kind: 'types'; readonly version: number; readonly changes: readonly TypeChange[] }
  | { readonly kind: 'abortTypes'; readonly version: number }
  /** The thread answers with the same message once it is not about to use certificates that were replaced earlier. */
  | { readonly kind: 'passCertificates'; readonly context: number }
  /** The file of users was reloaded. */
  | { readonly kind: 'users'; readonly known: KnownUsers }
  | AskMessage
  | { readonly kind: 'passwordChecked'; readonly question: PasswordQuestion; readonly isRight: boolean }
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  | { readonly kind: 'stop' };

/** The changes are prepared; or the reasons why some of them cannot be made. */
export interface TypesReply {
  readonly kind: 'types';
  readonly version: number;
  readonly failures: readonly ChangeFailure[];
}

export type LogLevel = 'info' | 'warn' | 'error' | 'debug' | 'trace';

/** From a data thread. */
export type FromDataThread =
  | { readonly kind: 'ready' }
  | TypesReply
  | { readonly kind: 'log'; readonly level: LogLevel; readonly details: object; readonly message: string }
  | { readonly kind: 'verbosity'; readonly level: number }
  | { readonly kind: 'memoryLimit'; readonly change: MemoryLimitChange }
  | AnswerMessage
  /** The thread serves again after the server was idle. */
  | { readonly kind: 'active' }
  /** The thread has replaced these certificates by newly loaded ones. */
  | { readonly kind: 'replacedCertificates'; readonly context: number }
  | { readonly kind: 'passCertificates'; readonly context: number }
  | { readonly kind: 'checkPassword'; readonly question: PasswordQuestion }
  /** The thread's drain has cut off connections. */
  | { readonly kind: 'cuts'; readonly connections: number }
  | { readonly kind: 'shutdown'; readonly graceful: boolean }
  | { readonly kind: 'fatal'; readonly message: string; readonly stack: string | undefined };
