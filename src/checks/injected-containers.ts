import type { CheckSubject } from './check.ts';

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

/**
 * Whether the author of the object cannot mend this container, because someone else adds it. Injection happens to Pods
 * alone: in a template a container of the same name is the author's own.
 */
export function isInjected(name: string, subject: CheckSubject, patterns: readonly string[]): boolean {
  return subject.groupKind === 'core/Pod' && patterns.some((pattern) => fits(name, pattern));
}

/** @param pattern with one `*` at most */
function fits(name: string, pattern: string): boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return name === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
}
