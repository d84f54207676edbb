import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const corpusSize = { files: 1000, deployments: 5000 } as const;

/**
 * Writes 5,000 Deployments of about 4.8 KB into 1,000 files in ten folders: the same text on every run. They are what
 * people write: comments, quoted and plain text, block scalars, probes; half of them lack a limit or a probe.
 * @returns how many bytes that is
 */
export function writeAuditCorpus(folder: string): number {
  let bytes = 0;
  for (let file = 0; file < corpusSize.files; file++) {
    const team = join(folder, `team-${file % 10}`);
    mkdirSync(team, { recursive: true });
    const documents = Array.from({ length: corpusSize.deployments / corpusSize.files }, (_, at) =>
      deployment(file * 5 + at),
    );
    const text = documents.join('---\n');
    writeFileSync(join(team, `service-${file}.yaml`), text);
    bytes += text.length;
  }
  return bytes;
}

function deployment(number: number): string {
  const name = `service-${number}`;
  return `# ${name} is owned by team ${number % 10}; ask in its channel before you change the limits.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: team-${number % 10}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/version: "1.${number % 40}.${number % 7}"
    app.kubernetes.io/part-of: shop
  annotations:
    example.com/description: >-
      Serves requests of part ${number} of the shop and keeps what it
      learns in memory, so that a restart costs a few seconds.
spec:
  replicas: ${(number % 4) + 1}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 }
  selector:
    matchLabels: { app.kubernetes.io/name: ${name} }
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
        app.kubernetes.io/part-of: shop
      annotations:
        prometheus.io/scrape: 'true'
        prometheus.io/port: '9090'
    spec:
      serviceAccountName: ${name}
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 45
      priorityClassName: business-critical
      securityContext:
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
      initContainers:
        - name: migrate
          image: registry.example/shop/migrate:1.${number % 40}.0
          command: ["/bin/sh", "-c"]
          args:
            - |
              set -eu
              echo "migrating ${name}"
              exec /app/migrate --until latest --timeout 5m
          resources:
            requests: { cpu: 50m, memory: 64Mi }
            limits: { memory: 64Mi }
      containers:
${container('app', number)}${container('proxy', number + 3)}      volumes:
        - name: config
          configMap:
            name: ${name}-config
        - name: scratch
          emptyDir: { sizeLimit: 128Mi }
`;
}

function container(name: string, number: number): string {
  return `        - name: ${name}
          image: registry.example/shop/${name}:1.${number % 40}.${number % 7}
          imagePullPolicy: IfNotPresent
          ports:
            - { name: http, containerPort: 8080 }
            - { name: metrics, containerPort: 9090 }
          env:
${environment(number)}          resources:
            requests:
              cpu: ${(number % 8) * 50 + 50}m
              memory: ${(number % 6) * 64 + 64}Mi
${number % 5 === 0 ? '' : `            limits:\n              memory: ${(number % 6) * 64 + 64}Mi\n`}${number % 7 === 0 ? '' : probes()}          lifecycle:
            preStop:
              sleep: { seconds: 5 }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: config, mountPath: /etc/app, readOnly: true }
            - { name: scratch, mountPath: /tmp }
`;
}

function environment(number: number): string {
  return `            - name: LOG_LEVEL
              value: info
            - name: LOG_FORMAT
              value: "json" # the collector reads nothing else
            - name: UPSTREAM_URL
              value: http://catalogue.team-${number % 10}.svc.cluster.local:8080/v1
            - name: POD_NAME
              valueFrom:
                fieldRef: { fieldPath: metadata.name }
            - name: DATABASE_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: database-${number % 10}
                  key: password
`;
}

function probes(): string {
  return `          readinessProbe:
            httpGet: { path: /ready, port: http }
            periodSeconds: 5
            timeoutSeconds: 2
            failureThreshold: 3
          livenessProbe:
            httpGet: { path: /live, port: http }
            initialDelaySeconds: 10
            periodSeconds: 10
            timeoutSeconds: 2
            failureThreshold: 6
`;
}
