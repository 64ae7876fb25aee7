// The interface by which a protocol authenticates a client: it passes a name and a password, and waits if the verdict takes time.

import { NOBODY, type Principal } from '../operations/rights.js';

export const Verdict = { pending: 0, accepted: 1, refused: 2 } as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** One login of a client. */
export class Login {
  verdict: Verdict = Verdict.pending;
  /** The client's identity, once it is accepted. */
  principal: Principal = NOBODY;

  /** `onDecided` is called only if the verdict takes time. */
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
  /** For the warm-up's own client, before any other: no login is required. */
  readonly isForOwnClient: boolean;
  /** Name and password are byte strings. */
  begin(name: string, password: string, onDecided: () => void): Login;
}
