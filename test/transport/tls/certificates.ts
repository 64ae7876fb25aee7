// Certificates for tests, made without any program or package: the few bytes of DER that X.509 needs, signed by Node. Not suitable for
// other uses: keys are small and nothing is revoked.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Issued {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: KeyObject;
}

interface Wish {
  readonly name: string;
  /** The signer; itself if omitted. */
  readonly issuer?: Issued;
  /** Its key, to use the same one again. */
  readonly key?: KeyObject;
}

/** A certificate of localhost and 127.0.0.1 that is valid for a day, and may sign others. */
export function issue({ name, issuer, key }: Wish): Issued {
  const own = key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const signer = issuer ?? { name, key: own };
  const publicKey = publicKeyOf(own);
  const body = sequence(
    tagged(0xa0, integer(2)),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(signer.name),
    sequence(utcTime(-HOUR_MS), utcTime(24 * HOUR_MS)),
    nameOf(name),
    publicKey,
    tagged(0xa3, sequence(MAY_SIGN, FOR_LOCALHOST)),
  );
  const signature = sign('sha256', body, signer.key);
  const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  return { name, key: own, certificate: pem(whole) };
}

/** PKCS 8 in PEM. */
export function keyText({ key }: Issued): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

export interface CertificateFolder extends Disposable {
  readonly path: string;
  /** Writes a file, and returns its path. */
  put(file: string, content: string | Uint8Array): string;
}

export function certificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), 'cacheismo-tls-'));
  const put = (file: string, content: string | Uint8Array) => {
    writeFileSync(join(path, file), content);
    return join(path, file);
  };
  return { path, put, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const HOUR_MS = 3_600_000;

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
const TRUE = Buffer.of(1, 1, 0xff);
const MAY_SIGN = sequence(identifier('551d13'), TRUE, octets(sequence(TRUE)));
const FOR_LOCALHOST = sequence(
  identifier('551d11'),
  octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))),
);

function publicKeyOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(0, 4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return sequence(sequence(identifier('2a8648ce3d0201'), identifier('2a8648ce3d030107')), der(0x03, point));
}

function nameOf(name: string): Buffer {
  return sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(name)))));
}

function utcTime(fromNowMs: number): Buffer {
  const text = new Date(Date.now() + fromNowMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  return der(tag, content);
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.of(value));
}

function identifier(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

/** A length below 128 is one byte; above, a byte tells how many bytes follow with it. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...lengthBytes), content]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
