import forge from 'node-forge';
import { describe, expect, test } from 'vitest';
import type { ConfiguredCheck } from '../../../src/checks/check.ts';
import { webhookSafety } from '../../../src/checks/platform/webhook-safety.ts';
import { readSubject } from '../../../src/engine/subject.ts';
import { ObjectIndex } from '../../../src/kubernetes/object-index.ts';
import { activatePolicy } from '../../../src/policy/active-policy.ts';
import { validate } from '../../../src/policy/validate.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const keys = forge.pki.rsa.generateKeyPair(1024);

/** PEM of an authority that ends then. */
function authority(end: string): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.validity.notBefore = new Date('2020-01-01T00:00:00Z');
  certificate.validity.notAfter = new Date(end);
  certificate.setSubject([{ name: 'commonName', value: 'guard' }]);
  certificate.setIssuer([{ name: 'commonName', value: 'guard' }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

function findings(...authorities: readonly string[]): readonly string[] {
  const caBundle = Buffer.from(authorities.join('')).toString('base64');
  const object = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'guard' },
    webhooks: [
      { name: 'guard.example.com', failurePolicy: 'Ignore', clientConfig: { url: 'https://guard', caBundle } },
    ],
  };
  const request = {
    object,
    oldObject: undefined,
    operation: 'CREATE',
    subresource: undefined,
    source: 'live',
    namespace: undefined,
    user: undefined,
    dryRun: false,
    now,
  } as const;
  const view = new ObjectIndex('all');
  const policy = activatePolicy('test', { rules: [] }, [], [webhookSafety]);
  const configured = webhookSafety.configure({}, validate) as ConfiguredCheck;
  const subject = readSubject(request, object, policy, view);
  return Array.from(configured.evaluate(subject, view), ({ identity }) => identity);
}

describe('the caBundle of a webhook', () => {
  const [old, current] = [authority('2026-11-20T00:00:00Z'), authority('2027-11-20T00:00:00Z')];

  test('is a finding once every authority in it has expired', () => {
    expect(findings(old)).toEqual(['webhook/guard.example.com/ca-bundle']);
    expect(findings(old, old)).toEqual(['webhook/guard.example.com/ca-bundle']);
  });

  test('holds as long as one of them does, which is how they are rotated', () => {
    expect(findings(current)).toEqual([]);
    expect(findings(old, current)).toEqual([]);
  });

  test('may be missing or be no certificate, which is for the API server to say', () => {
    expect(findings()).toEqual([]);
    expect(findings('-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n')).toEqual([]);
  });
});
