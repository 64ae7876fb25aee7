// What the server process is doing, as its supervisors see it.

/** `starting` until object types are loaded and the cache's ports are open. */
export type ServerState = 'starting' | 'ready' | 'stopping';
