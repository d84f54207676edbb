import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueAuthority } from '../../src/certs/authority.ts';
import { issueServingCertificate, serviceNames } from '../../src/certs/serving-certificate.ts';
import type { CertificateAndKey } from '../../src/certs/sign-certificate.ts';

const day = 86_400_000;
const names = serviceNames('daytwo', 'guard', 'webhook.example', '::1');
let authority: CertificateAndKey;
let serving: CertificateAndKey;

beforeAll(async () => {
  authority = await issueAuthority(Date.now());
  serving = await issueServingCertificate(authority, names, Date.now());
});

describe('a server with the issued certificate', () => {
  const server = createServer();
  beforeAll(async () => {
    server.setSecureContext({ cert: serving.certificate, key: serving.key });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => void server.close());

  test.each([
    'daytwo',
    'daytwo.guard',
    'daytwo.guard.svc',
    'daytwo.guard.svc.cluster.local',
    'localhost',
    'webhook.example',
    '127.0.0.1',
  ])('is trusted as %s by a client that knows only the authority', async (name) => {
    expect(await handshake(name, authority.certificate)).toBe('trusted');
  });

  test('is trusted where the bundle holds a second authority of the same name', async () => {
    const other = await issueAuthority(Date.now());
    expect(await handshake('daytwo.guard.svc', other.certificate + authority.certificate)).toBe('trusted');
  });

  test('is not trusted as anything else, nor by anybody else', async () => {
    const other = await issueAuthority(Date.now());
    expect(await handshake('daytwo.other.svc', authority.certificate)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await handshake('daytwo.guard.svc', other.certificate)).not.toBe('trusted');
  });

  async function handshake(name: string, ca: string): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const isAddress = name === '127.0.0.1';
    const socket = connect({ port, host: '127.0.0.1', ca, ...(isAddress ? {} : { servername: name }) });
    try {
      await once(socket, 'secureConnect');
      return 'trusted';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'failed';
    } finally {
      socket.destroy();
    }
  }
});

test('the leaf is for servers only, and only the authority may sign', () => {
  const [leaf, ca] = [new X509Certificate(serving.certificate), new X509Certificate(authority.certificate)];
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect([leaf.ca, ca.ca]).toEqual([false, true]);
  expect(leaf.checkIssued(ca)).toBe(true);
});

test('no two serial numbers are alike, and all are positive', async () => {
  const again = await issueServingCertificate(authority, names, Date.now());
  const serials = [authority, serving, again].map(({ certificate }) => new X509Certificate(certificate).serialNumber);
  expect(new Set(serials).size).toBe(3);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
});

test('a client whose clock is half an hour behind accepts it', () => {
  expect(new X509Certificate(serving.certificate).validFromDate.getTime()).toBeLessThan(Date.now() - day / 48);
});

test('a leaf ends no later than its authority', async () => {
  const late = await issueServingCertificate(authority, names, Date.now() + 330 * day);
  expect(new X509Certificate(late.certificate).validToDate).toEqual(
    new X509Certificate(authority.certificate).validToDate,
  );
});
