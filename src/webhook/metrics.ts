import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { actions } from '../checks/action.ts';
import type { Decision, JudgedFinding, Mutation } from '../engine/decision.ts';
import type { GroupKind } from '../kubernetes/object.ts';
import type { AdmissionRequest } from './decode.ts';
import { tallyCounter } from './tally.ts';

export interface MetricsOptions {
  /** Kinds that get a label value of their own; all others share `other`, so that nobody can fill the memory of a Prometheus. */
  readonly kinds: ReadonlySet<GroupKind>;
  /** When each certificate ends, in seconds since 1970. */
  readonly certificateExpiry: () => Readonly<Record<'authority' | 'serving', number>>;
  /** Seconds since the API server last spoke about each kind that is cached; empty without a cluster. */
  readonly cacheAges: () => Iterable<readonly [GroupKind, number]>;
}

/** What is counted of admissions. Names of objects, namespaces and users are never labels. */
export interface Metrics {
  readonly contentType: string;
  countDecision(request: AdmissionRequest, decision: Decision, seconds: number): void;
  countMutation(request: AdmissionRequest, mutation: Mutation, seconds: number): void;
  /** A body that was refused, by HTTP status or `invalid` where the uid was known. */
  countRefused(status: string): void;
  countFault(): void;
  render(): Promise<string>;
}

/** From half a millisecond, which most requests take, to the default timeout of a webhook. */
const durations = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10];

/** Metrics in a registry of their own: several webhooks can live in one process, as they do in tests. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const requests = new Histogram({
    name: 'daytwo_admission_duration_seconds',
    help: 'Time from the whole body to the response, by webhook, operation, kind and decision.',
    labelNames: ['webhook', 'operation', 'kind', 'decision'],
    buckets: durations,
    registers: [registry],
  });
  const countResult = tallyCounter(registry, {
    name: 'daytwo_check_results_total',
    help: 'Results of checks: outcome, and the strictest action that came of it.',
    labelNames: ['check', 'outcome', 'action'],
  });
  const countUnknown = tallyCounter(registry, {
    name: 'daytwo_check_unknown_total',
    help: 'Checks that gave no verdict because the cluster view could not answer.',
    labelNames: ['check'],
  });
  const countPatch = tallyCounter(registry, {
    name: 'daytwo_patches_total',
    help: 'Patches by check: applied, or withheld because they would start a rollout.',
    labelNames: ['check', 'result'],
  });
  const countRefused = tallyCounter(registry, {
    name: 'daytwo_refused_reviews_total',
    help: 'Bodies that are no AdmissionReview, by HTTP status, or invalid.',
    labelNames: ['status'],
  });
  const countFault = tallyCounter(registry, {
    name: 'daytwo_faults_total',
    help: 'Requests that were answered without a verdict because daytwo itself failed.',
    labelNames: [],
  });
  collectDefaultMetrics({ register: registry });
  registry.registerMetric(certificateGauge(options));
  registry.registerMetric(cacheGauge(options));

  const kindLabel = ({ groupKind }: AdmissionRequest): string => (options.kinds.has(groupKind) ? groupKind : 'other');
  const observe = (webhook: string, request: AdmissionRequest, decision: string, seconds: number): void =>
    requests.observe({ webhook, operation: request.operation, kind: kindLabel(request), decision }, seconds);
  return {
    contentType: registry.contentType,
    countDecision(request, decision, seconds) {
      observe('validate', request, decisionLabel(decision), seconds);
      for (const { check, outcome, findings, reason } of decision.results) {
        countResult(check.id, outcome, strictest(findings));
        if (reason?.code === 'unknown') countUnknown(check.id);
      }
    },
    countMutation(request, mutation, seconds) {
      observe('mutate', request, mutation.checks.length === 0 ? 'unchanged' : 'patched', seconds);
      for (const check of mutation.checks) countPatch(check, 'applied');
      for (const { check } of mutation.withheld) countPatch(check, 'withheld');
    },
    countRefused,
    countFault,
    render: () => registry.metrics(),
  };
}

function decisionLabel({ allowed, bypass }: Decision): string {
  if (bypass !== undefined) return 'bypassed';
  return allowed ? 'allowed' : 'denied';
}

function strictest(findings: readonly JudgedFinding[]): string {
  if (findings.length === 0) return 'None';
  return actions.find((action) => findings.some((finding) => finding.action === action)) ?? 'None';
}

function certificateGauge({ certificateExpiry }: MetricsOptions): Gauge {
  return new Gauge({
    name: 'daytwo_certificate_expiry_timestamp_seconds',
    help: 'When the certificate ends, in seconds since 1970; it is renewed when a third of its life is left.',
    labelNames: ['certificate'],
    registers: [],
    collect() {
      for (const [certificate, seconds] of Object.entries(certificateExpiry())) this.set({ certificate }, seconds);
    },
  });
}

function cacheGauge({ cacheAges }: MetricsOptions): Gauge {
  return new Gauge({
    name: 'daytwo_cache_age_seconds',
    help: 'Seconds since the API server last spoke about a kind; checks that need it give no verdict once it is stale.',
    labelNames: ['kind'],
    registers: [],
    collect() {
      this.reset();
      for (const [kind, seconds] of cacheAges()) this.set({ kind }, seconds);
    },
  });
}
