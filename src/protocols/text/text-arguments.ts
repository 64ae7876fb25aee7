// The argument rules of the classic text commands: how many tokens, in which order they are checked and which error
// each mistake gives. The order is memcached's, since it decides which of two errors a client sees and whether
// `noreply` silences it. Lines and lists of keys: text-parser.ts.

import type { ArgumentRule } from '../../operations/command-row.js';
import { COMMANDS } from '../../operations/command-table.js';
import { type ErrorId, ErrorIds, NO_ERROR } from '../error-lines.js';
import { asciiBytes } from './text-bytes.js';
import { MAX_VALUE_BYTES, type Request } from './text-request.js';
import type { Tokens } from './tokens.js';

const NOREPLY = asciiBytes('noreply');
const KEEP = asciiBytes('keep');
const MOST_DELETE_WORDS = 5;

/** Reads the arguments of one command into the request. Token 0 is the command word. */
type ArgumentReader = (tokens: Tokens, request: Request) => ErrorId;

/** Whether the last token is `noreply`. */
function readNoreply(tokens: Tokens, request: Request): void {
  request.noreply = tokens.is(tokens.count - 1, NOREPLY);
}

function readStorage(tokens: Tokens, request: Request, withToken = false): ErrorId {
  const fewest = withToken ? 6 : 5;
  if (tokens.count < fewest) return ErrorIds.badFormat;
  // A key with spaces also makes a line of more words.
  if (tokens.count > fewest + 1) return ErrorIds.unknownCommand;
  readNoreply(tokens, request);
  if (!tokens.key(1, request)) return ErrorIds.badFormat;
  if (!tokens.clientFlags(2, request)) return ErrorIds.badFormat;
  if (!tokens.exptime(3, request)) return ErrorIds.badFormat;
  const valueLength = tokens.decimal(4);
  if (valueLength < 0 || valueLength > MAX_VALUE_BYTES) return ErrorIds.badFormat;
  if (withToken && !tokens.unsigned(5, request.operand)) return ErrorIds.badFormat;
  request.valueLength = valueLength;
  return NO_ERROR;
}

function readArithmetic(tokens: Tokens, request: Request): ErrorId {
  if (tokens.count < 3) return ErrorIds.badFormat;
  if (tokens.count > 4) return ErrorIds.unknownCommand;
  readNoreply(tokens, request);
  if (!tokens.key(1, request)) return ErrorIds.badFormat;
  if (!tokens.unsigned(2, request.operand)) return ErrorIds.invalidDelta;
  return NO_ERROR;
}

function readTouch(tokens: Tokens, request: Request): ErrorId {
  if (tokens.count < 3) return ErrorIds.badFormat;
  if (tokens.count > 4) return ErrorIds.unknownCommand;
  readNoreply(tokens, request);
  if (!tokens.key(1, request)) return ErrorIds.badFormat;
  return tokens.exptime(2, request) ? NO_ERROR : ErrorIds.invalidExptime;
}

function readDelete(tokens: Tokens, request: Request): ErrorId {
  // memccapable sends six words and expects an error; memcached takes five.
  if (tokens.count < 2 || tokens.count > MOST_DELETE_WORDS) return ErrorIds.badFormat;
  // Old clients send a time after the key; it is ignored, as is everything else but a `noreply` at the end.
  if (tokens.count > 2) readNoreply(tokens, request);
  return tokens.key(1, request) ? NO_ERROR : ErrorIds.badFormat;
}

function readFlush(tokens: Tokens, request: Request): ErrorId {
  const { count } = tokens;
  readNoreply(tokens, request);
  if (count === 1 || (count === 2 && request.noreply)) return NO_ERROR;
  return tokens.exptime(1, request) ? NO_ERROR : ErrorIds.invalidExptime;
}

function readVerbosity(tokens: Tokens, request: Request): ErrorId {
  if (tokens.count < 2) return ErrorIds.badFormat;
  if (tokens.count > 3) return ErrorIds.unknownCommand;
  readNoreply(tokens, request);
  const level = tokens.decimal(1);
  if (level < 0) return ErrorIds.badFormat;
  request.level = level;
  return NO_ERROR;
}

function readSeconds(tokens: Tokens, request: Request): ErrorId {
  return tokens.count === 2 && tokens.exptime(1, request) ? NO_ERROR : ErrorIds.unknownCommand;
}

/** What follows a line without a length must not be read as commands, so the connection is closed. */
function readRecord(tokens: Tokens, request: Request): ErrorId {
  const { count } = tokens;
  const length = count === 2 || count === 3 ? tokens.decimal(1) : -1;
  request.keepsItem = count === 3;
  request.valueLength = length;
  const isValid = length >= 0 && length <= MAX_VALUE_BYTES && (count === 2 || tokens.is(2, KEEP));
  request.closes = !isValid;
  return isValid ? NO_ERROR : ErrorIds.badFormat;
}

function readNothing(): ErrorId {
  return NO_ERROR;
}

const READERS: Readonly<Record<ArgumentRule, ArgumentReader>> = {
  // The parser reads the keys, so that their number has no limit.
  keys: readNothing,
  'exptime, keys': readNothing,
  storage: readStorage,
  'storage with token': (tokens, request) => readStorage(tokens, request, true),
  delta: readArithmetic,
  'key, exptime': readTouch,
  key: readDelete,
  delay: readFlush,
  level: readVerbosity,
  seconds: readSeconds,
  words: readNothing,
  record: readRecord,
  // meta-request.ts reads them.
  flags: readNothing,
};

const READERS_BY_COMMAND: readonly ArgumentReader[] = COMMANDS.map((row) => READERS[row.arguments]);

export function readArguments(tokens: Tokens, request: Request): ErrorId {
  return READERS_BY_COMMAND[request.command](tokens, request);
}
