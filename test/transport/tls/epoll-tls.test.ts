// The epoll transport with OpenSSL passes the suite of all transports, with TLS clients.

import { afterAll, describe, expect, test } from 'vitest';
import { Certificates, makeCertificateCells } from '../../../src/transport/tls/certificates.js';
import { loadOpenssl } from '../../../src/transport/tls/openssl.js';
import { TlsChannels } from '../../../src/transport/tls/tls-channel.js';
import { EpollUnderTest, libcIfAny } from '../epoll-harness.js';
import type { TransportFactory } from '../server.js';
import { describeTransport } from '../suite.js';
import { certificateFolder, issue, keyText } from './certificates.js';
import { defaultTls } from './settings.js';

const libc = await libcIfAny();
const openssl = await loadOpenssl();
const folder = certificateFolder();
const server = issue({ name: 'server' });

afterAll(() => folder[Symbol.dispose]());

describe('OpenSSL', () => {
  test.runIf(process.platform === 'linux')("is found in Node's executable", () => {
    expect(typeof openssl).toBe('object');
  });
});

if (libc !== undefined && typeof openssl !== 'string') {
  const chainFile = folder.put('chain.pem', server.certificate);
  const keyFile = folder.put('key.pem', keyText(server));
  const certificates = new Certificates(openssl, { ...defaultTls, chainFile, keyFile }, makeCertificateCells());
  certificates.load();
  const channels = new TlsChannels(libc, certificates);
  const make: TransportFactory = (...parts) => new EpollUnderTest(libc, ...parts, channels);
  describeTransport('epoll with TLS', make, { ca: server.certificate });
}
