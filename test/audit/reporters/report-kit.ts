import { audit } from '../../../src/audit/audit.ts';
import { readManifests } from '../../../src/audit/read-manifests.ts';
import type { AuditReport } from '../../../src/audit/report.ts';
import { companionCheck, faultyCheck, imageTagCheck, policyFor } from '../audit-kit.ts';

const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example/shop/checkout
        - {name: proxy, image: proxy}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: v1
kind: Pod
metadata: {name: debug, annotations: {daytwo.dev/allow-companion: one is enough}}
spec: {containers: [{name: sh, image: "busybox:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: dns, namespace: kube-system}
spec: {containers: [{name: dns, image: dns}]}
---
apiVersion: v1
kind: Pod
metadata: {name: static, annotations: {kubernetes.io/config.mirror: abc}}
---
apiVersion: v1
kind: Pod
metadata: {name: debug}
---
apiVersion: batch/v1
kind: Job
metadata: {name: clean-up, annotations: {daytwo.dev/allow-companion: it runs once}}
---
kind: [
`;

/** A report with something of everything. */
export async function fullReport(complete = true): Promise<AuditReport> {
  const read = await readManifests(['-'], async () => Buffer.from(manifests));
  const policy = policyFor([imageTagCheck, companionCheck, faultyCheck]);
  return audit(read, policy, { defaultNamespace: 'default', complete, version: undefined, now: 0 });
}
