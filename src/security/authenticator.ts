// How a protocol finds out who a client is: it hands over a name and a password, and waits for the verdict if that takes time.

import { NOBODY, type Principal } from '../operations/rights.js';

export const Verdict = { pending: 0, accepted: 1, refused: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** One attempt of a client. */
export class Login {
  verdict: Verdict = Verdict.pending;
  /** Who the client is, once that is accepted. */
  principal: Principal = NOBODY;

  /** `onDecided` is called only if the verdict has taken time. */
  constructor(private readonly onDecided: () => void) {}

  accept(principal: Principal): void {
    this.verdict = Verdict.accepted;
    this.principal = principal;
  }

  refuse(): void {
    this.verdict = Verdict.refused;
  }

  tellDecided(): void {
    this.onDecided();
  }
}

export interface Authenticator {
  /** The server's own client, before any other: no login is required. */
  readonly isForOwnClient: boolean;
  /** Name and password are byte strings. */
  begin(name: string, password: string, onDecided: () => void): Login;
}
