import { own, text } from './fields.ts';

type Annotations = Readonly<Record<string, string>> | null | undefined;

/** One language that the OpenTelemetry operator injects its SDK for. */
export interface Injection {
  readonly language: string;
  /** `true`, or which Instrumentation: `<name>` or `<namespace>/<name>`. */
  readonly value: string;
}

/** Annotations that ask the OpenTelemetry operator for an SDK begin so, and end in the language. */
export const injectPrefix = 'instrumentation.opentelemetry.io/inject-';

const languages = ['java', 'nodejs', 'python', 'dotnet', 'go', 'apache-httpd', 'nginx', 'sdk'] as const;

/** What is injected into pods with these annotations, in a Namespace with those. */
export function injectionsOf(template: Annotations, namespace?: Annotations): readonly Injection[] {
  const found: Injection[] = [];
  for (const language of languages) {
    const key = injectPrefix + language;
    const value = decide(text(own(template, key)) ?? '', text(own(namespace, key)) ?? '');
    if (value !== '' && !isFalse(value)) found.push({ language, value });
  }
  return found;
}

/** A bare `true` on the pod leaves the choice of the Instrumentation to the Namespace. Source: opentelemetry-operator annotationValue. */
function decide(pod: string, namespace: string): string {
  if (namespace === '' || (pod !== '' && pod.toLowerCase() !== 'true')) return pod;
  return pod !== '' && isFalse(namespace) ? pod : namespace;
}

function isFalse(value: string): boolean {
  return value.toLowerCase() === 'false';
}
