// Reasons for closing a connection, as -v logs them.

export type CloseReason =
  | 'the client closed it'
  | 'all its requests got a reply'
  | 'it was idle for too long'
  | 'the client stalled inside a request'
  | 'the client did not finish its TLS handshake'
  | 'the client did not read its replies'
  | 'the client did not close its side'
  | 'the client reads slowly, and others wait for the memory'
  | 'the client sends its value slowly, and others wait for the memory'
  | 'a request met a bug of the server'
  | 'a request could not be served'
  | 'the server stops'
  | `it broke: ${string}`;
