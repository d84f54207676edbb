import { expect, test } from 'vitest';
import { logCollectors, nodeAgents } from '../../src/kubernetes/node-agents.ts';
import { ObjectIndex } from '../../src/kubernetes/object-index.ts';

function collects(name: string, image: string): boolean {
  const view = new ObjectIndex('all');
  view.put({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'logging' },
    spec: { template: { spec: { containers: [{ name: 'agent', image }] } } },
  });
  return [...nodeAgents(logCollectors, view)].length > 0;
}

test.each([
  'docker.elastic.co/beats/filebeat:8.15.0',
  'docker.elastic.co/elastic-agent/elastic-agent:8.15.0',
  'registry.redhat.io/openshift-logging/vector-rhel9@sha256:abc',
  'quay.io/signalfx/splunk-otel-collector:0.100.0',
  'public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0',
  'newrelic/newrelic-fluentbit-output:2.0.0',
  'public.ecr.aws/sumologic/sumologic-otel-collector:0.100.0',
  'otel/opentelemetry-collector-contrib:0.110.0',
  'timberio/vector:0.40.0-distroless-libc',
])('%s collects logs', (image) => {
  expect(collects('agents', image)).toBe(true);
});

test.each([
  'flannel/flannel:v0.26.0',
  'registry.example/vector-database:1.0',
  'quay.io/prometheus/node-exporter:v1.8.2',
])('%s does not', (image) => {
  expect(collects('agents', image)).toBe(false);
});
