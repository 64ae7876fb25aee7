// The error line for the user when files cannot be used.

import { afterAll, describe, expect, test } from 'vitest';
import { readTlsFiles, TlsError, type TlsSettings } from '../../../src/transport/tls/tls-settings.js';
import { certificateFolder, issue, keyText } from './certificates.js';
import { defaultTls } from './settings.js';

const folder = certificateFolder();
const [server, stranger] = [issue({ name: 'server' }), issue({ name: 'stranger' })];
const chainFile = folder.put('chain.pem', server.certificate);
const keyFile = folder.put('key.pem', keyText(server));
const strangerKey = folder.put('stranger.pem', keyText(stranger));
const locked = server.key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' });
const lockedKey = folder.put('locked.pem', locked);
const empty = folder.put('empty.pem', '');
const broken = folder.put('broken.pem', server.certificate.replace(/\n[^\n]+\n/, '\nAAAA\n'));
const none = `${folder.path}/none.pem`;

afterAll(() => folder[Symbol.dispose]());

describe('files of TLS', () => {
  const refusals: readonly (readonly [Partial<TlsSettings>, string])[] = [
    [{ chainFile: none }, `ssl_chain_cert ${none}: there is no such file`],
    [{ chainFile: folder.path }, `ssl_chain_cert ${folder.path}: is a directory`],
    [{ chainFile: '/dev/zero' }, 'ssl_chain_cert /dev/zero: is not a regular file'],
    [{ chainFile: empty }, `ssl_chain_cert ${empty}: holds no certificate in PEM format`],
    [{ chainFile: broken }, `ssl_chain_cert ${broken}: holds a broken certificate`],
    [{ keyFile: chainFile }, `ssl_key ${chainFile}: holds no private key in PEM format`],
    [{ keyFormat: 'DER' }, `ssl_key ${keyFile}: holds no private key in DER format`],
    [{ keyFile: strangerKey }, `ssl_key ${strangerKey}: is not the key of the certificate in ${chainFile}`],
    [
      { keyFile: lockedKey },
      `ssl_key ${lockedKey}: is protected by a passphrase, which nobody could type in at a start`,
    ],
    [{ authorityFile: empty }, `ssl_ca_cert ${empty}: holds no certificate in PEM format`],
  ];

  test.each(refusals)('with %o are refused in one line', (change, line) => {
    const settings = { ...defaultTls, chainFile, keyFile, ...change };
    expect(() => readTlsFiles(settings)).toThrow(new TlsError(line));
  });

  test('that fit each other are read', () => {
    expect(readTlsFiles({ ...defaultTls, chainFile, keyFile, authorityFile: chainFile }).key.type).toBe('private');
  });
});
