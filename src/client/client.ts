// The entry `cacheismo/client`: typed calls for programs, keys of calls for any memcached client, and single calls for tests and tools.

export { CallConnection, type CallOptions, type ConnectionOptions, callMethod } from './call-connection.js';
export { type CallArgument, virtualKey } from './key-of-call.js';
export { CallError, type ClientOptions, connect, type ObjectClient } from './object-client.js';
export type { CallReply } from './replies.js';
export type { Calls, DeclaredType } from './typed-calls.js';
