import { expect, test } from 'vitest';
import { slowRuntime } from '../../src/kubernetes/runtime-hint.ts';

test.each<[object, 'JVM' | '.NET' | undefined]>([
  [{ image: 'eclipse-temurin:21-jre' }, 'JVM'],
  [{ image: 'registry.example:5000/library/openjdk@sha256:0' }, 'JVM'],
  [{ image: 'registry.example/team/checkout-springboot:2' }, 'JVM'],
  [{ image: 'quay.example/keycloak/keycloak' }, 'JVM'],
  [{ image: 'mcr.example/dotnet/aspnet:9.0' }, '.NET'],
  [{ image: 'registry.example/javascript:1' }, undefined],
  [{ image: 'registry.example/opensearch-dashboards:2.15.0' }, undefined],
  [{ image: 'registry.example/kafka-exporter@sha256:0' }, undefined],
  [{ image: 'registry.example/kafka-exporter', env: [{ name: 'JAVA_OPTS' }] }, 'JVM'],
  [{ image: 'node:24' }, undefined],
  [{ env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g' }] }, 'JVM'],
  [{ env: [{ name: 'DOTNET_gcServer', value: '1' }] }, '.NET'],
  [{ env: [{ name: 'NOT_JAVA_OPTS' }, null] }, undefined],
  [{ command: ['/usr/bin/java', '-jar', 'app.jar'] }, 'JVM'],
  [{ command: ['dotnet', 'app.dll'] }, '.NET'],
  [{}, undefined],
])('%j runs on %s', (container, expected) => {
  expect(slowRuntime(container)).toBe(expected);
});
