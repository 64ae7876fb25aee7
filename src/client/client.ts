// The entry `cacheismo/client`: keys of calls, for any memcached client, and a small client for tests and tools.

export { CallConnection, type CallOptions, type CallReply, callMethod } from './call-connection.js';
export { type CallArgument, virtualKey } from './key-of-call.js';
