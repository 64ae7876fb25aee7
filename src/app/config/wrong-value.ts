// The line for a value that an option does not accept: the option as the user gave it, the value, and the allowed values.

import { EXIT, StartError } from '../start-error.js';

interface GivenText {
  readonly label: string;
  readonly text: string;
}

export function wrongValue({ label, text }: GivenText, allowed: string, exitCode: number = EXIT.usage): StartError {
  return new StartError(`${label} ${text.slice(0, 200).replace(/\p{Cc}/gu, '?')}: must be ${allowed}`, exitCode);
}
