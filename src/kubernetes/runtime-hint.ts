import type { V1Container } from '@kubernetes/client-node';
import { list, own, text } from './fields.ts';

/** A runtime that takes long to start and stops the world now and then. */
export type SlowRuntime = 'JVM' | '.NET';

const images: readonly (readonly [SlowRuntime, RegExp])[] = [
  [
    'JVM',
    /(^|[/_.-])(openjdk|jdk|jre|java|temurin|corretto|zulu|graalvm|tomcat|jetty|wildfly|keycloak|payara|spring(-?boot)?|quarkus|kafka|cassandra|elasticsearch|opensearch|solr|jenkins|sonarqube|nexus3)\d*([/_.:@-]|$)/i,
  ],
  ['.NET', /(^|[/_.-])(dotnet|aspnet)([/_.:@-]|$)/i],
];
/** Programs that watch or show another one are named after it, and written in something else. */
const companion = /[-_](exporter|dashboards?|operator)([:@]|$)/i;
const variables: readonly (readonly [SlowRuntime, RegExp])[] = [
  ['JVM', /^(JAVA_OPTS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_HOME|CATALINA_OPTS|SPRING_\w+)$/],
  ['.NET', /^(ASPNETCORE|DOTNET)_\w+$/],
];

/** What the image, a variable or the command gives away; most images do not say. */
export function slowRuntime({ image, env, command }: Partial<V1Container>): SlowRuntime | undefined {
  const program = text(list(command)[0])?.split('/').at(-1);
  if (program === 'java') return 'JVM';
  if (program === 'dotnet') return '.NET';
  return runtimeOfImage(text(image) ?? '') ?? runtimeOfVariables(list(env));
}

function runtimeOfImage(image: string): SlowRuntime | undefined {
  const found = images.find(([, pattern]) => pattern.test(image))?.[0];
  return found !== undefined && companion.test(image) ? undefined : found;
}

/** A JVM before .NET, whatever the order of the variables. */
function runtimeOfVariables(env: readonly unknown[]): SlowRuntime | undefined {
  let found: SlowRuntime | undefined;
  for (const variable of env) {
    const name = own(variable, 'name');
    if (typeof name !== 'string') continue;
    const runtime = variables.find(([, pattern]) => pattern.test(name))?.[0];
    if (runtime === 'JVM') return runtime;
    found ??= runtime;
  }
  return found;
}
