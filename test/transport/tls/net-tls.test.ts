// The transport on Node's sockets with Node's TLS passes the suite of all transports, with TLS clients.

import { afterAll } from 'vitest';
import { NetTransport } from '../../../src/transport/net/net-transport.js';
import { describeTransport } from '../suite.js';
import { certificateFolder, issue, keyText } from './certificates.js';
import { defaultTls } from './settings.js';

const folder = certificateFolder();
const server = issue({ name: 'server' });
const chainFile = folder.put('chain.pem', server.certificate);
const keyFile = folder.put('key.pem', keyText(server));

afterAll(() => folder[Symbol.dispose]());

describeTransport(
  'net with TLS',
  (engine, options, metrics, clock, log) =>
    new NetTransport(engine, { ...options, tls: { ...defaultTls, chainFile, keyFile } }, metrics, clock, log),
  { ca: server.certificate },
);
