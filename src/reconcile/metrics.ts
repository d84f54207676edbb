import { collectDefaultMetrics, Gauge, type GaugeConfiguration, Registry } from 'prom-client';
import type { GroupKind } from '../kubernetes/object.ts';
import type { StandingFinding } from './standing-findings.ts';

export interface BackgroundMetricsOptions {
  readonly standing: () => Iterable<StandingFinding>;
  readonly leads: () => boolean;
  readonly cacheAges: () => Iterable<readonly [GroupKind, number]>;
}

export interface BackgroundMetrics {
  readonly contentType: string;
  render(): Promise<string>;
}

/** Only whoever leads has violations to count. Names of objects and namespaces are never labels. */
export function backgroundMetrics(options: BackgroundMetricsOptions): BackgroundMetrics {
  const registry = new Registry();
  const gauge = (configuration: GaugeConfiguration<string>): void =>
    registry.registerMetric(new Gauge({ ...configuration, registers: [] }));
  gauge({
    name: 'daytwo_violations',
    help: 'What is missing or clashes, by check and tier: pending within the grace period, violation after it.',
    labelNames: ['check', 'tier', 'state'],
    collect() {
      this.reset();
      for (const { finding, tier, state } of options.standing()) this.inc({ check: finding.check.id, tier, state });
    },
  });
  gauge({
    name: 'daytwo_leader',
    help: '1 in the process that leads, 0 in the others.',
    collect() {
      this.set(options.leads() ? 1 : 0);
    },
  });
  gauge({
    name: 'daytwo_cache_age_seconds',
    help: 'Seconds since the API server last spoke about a kind.',
    labelNames: ['kind'],
    collect() {
      this.reset();
      for (const [kind, seconds] of options.cacheAges()) this.set({ kind }, seconds);
    },
  });
  collectDefaultMetrics({ register: registry });
  return { contentType: registry.contentType, render: () => registry.metrics() };
}
