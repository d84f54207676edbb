import { readPorts } from '../../src/kubernetes/container-ports.ts';
import { describe, expect, test } from 'vitest';
import { asksTheSame, describeHandler, detectionTime, type Probe, readProbe } from '../../src/kubernetes/probe.ts';

const ports = [
  { name: 'http', containerPort: 8080 },
  { name: 'admin', containerPort: 8081 },
];

function probe(written: object): Probe {
  const read = readProbe({ livenessProbe: written }, 'livenessProbe');
  if (read === undefined) throw new Error('no probe');
  return read;
}

test('what is left out, null or 0 is what the API server fills in', () => {
  const filledIn = { initialDelay: 0, period: 10, timeout: 1, successThreshold: 1, failureThreshold: 3 };
  const written = { tcpSocket: { port: 1 }, periodSeconds: 0, timeoutSeconds: null, failureThreshold: '5' };
  expect(probe(written)).toMatchObject({ ...filledIn, gracePeriod: undefined });
  expect(detectionTime(probe({ exec: {} }))).toBe(30);
});

test.each([[undefined], [null], ['exec'], [[]]])('%j is no probe', (written) => {
  expect(readProbe({ livenessProbe: written } as never, 'livenessProbe')).toBeUndefined();
});

describe('two probes ask the same', () => {
  test.each<[string, object, object, boolean]>([
    ['port by name and by number', { httpGet: { port: 'http' } }, { httpGet: { port: 8080 } }, true],
    ['two names', { httpGet: { port: 'http' } }, { httpGet: { port: 'admin' } }, false],
    ['two names that nobody declares', { httpGet: { port: 'web' } }, { httpGet: { port: 'api' } }, false],
    ['no path and /', { httpGet: { port: 1 } }, { httpGet: { port: 1, path: '/' } }, true],
    ['HTTP and HTTPS', { httpGet: { port: 1 } }, { httpGet: { port: 1, scheme: 'HTTPS' } }, false],
    ['another host', { httpGet: { port: 1, host: 'a' } }, { httpGet: { port: 1 } }, false],
    ['another kind of question', { httpGet: { port: 1 } }, { tcpSocket: { port: 1 } }, false],
    ['no service and an empty one', { grpc: { port: 1, service: '' } }, { grpc: { port: 1, service: null } }, true],
    ['another argument', { exec: { command: ['a', 'b'] } }, { exec: { command: ['a', 'c'] } }, false],
    ['arguments in another order', { exec: { command: ['a', 'b'] } }, { exec: { command: ['b', 'a'] } }, false],
    ['nothing', {}, {}, false],
  ])('%s', (_title, one, other, expected) => {
    expect(asksTheSame(probe(one).handler, probe(other).handler, readPorts(ports))).toBe(expected);
  });
});

test.each([
  [{ httpGet: { port: 'http', path: '/ready' } }, 'GET /ready on port http'],
  [{ tcpSocket: { port: 5432 } }, 'a connection to port 5432'],
  [{ grpc: { port: 9000 } }, 'gRPC health on port 9000'],
  [{ exec: { command: ['cat', '/tmp/ok'] } }, 'the command cat /tmp/ok'],
])('%j is described as %s', (written, expected) => {
  expect(describeHandler(probe(written).handler)).toBe(expected);
});
