import type { CheckSubject } from './check.ts';
import { fitsPattern } from './name-pattern.ts';

/** Containers that platform webhooks put into Pods; `*` stands for anything. */
export const injectedContainers: readonly string[] = [
  'istio-proxy',
  'istio-init',
  'linkerd-proxy',
  'linkerd-init',
  'vault-agent',
  'vault-agent-init',
  'cloud-sql-proxy',
  'otc-container',
  'datadog-lib-*-init',
  'opentelemetry-auto-instrumentation*',
  'azwi-proxy*',
];

/** Whether it is one of these by its name: a proxy or an agent, in a template too. */
export function isPlatformContainer(name: string, patterns = injectedContainers): boolean {
  return patterns.some((pattern) => fitsPattern(name, pattern));
}

/**
 * Whether the author of the object cannot mend this container, because someone else adds it. Injection happens to Pods
 * alone: in a template a container of the same name is the author's own.
 */
export function isInjected(name: string, subject: CheckSubject, patterns: readonly string[]): boolean {
  return subject.groupKind === 'core/Pod' && isPlatformContainer(name, patterns);
}
