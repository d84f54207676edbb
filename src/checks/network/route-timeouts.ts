import { durationSeconds } from '../../kubernetes/duration.ts';
import { at, type Fields, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import type { ActionByTier } from '../action.ts';
import type { Finding } from '../check.ts';

/** What is left to chance in an HTTPRoute: rules without a timeout, and with one that is switched off. */
export function* routeTimeouts(
  route: KubernetesObject,
  requireExplicit: boolean,
  atMost: ActionByTier,
): Iterable<Finding> {
  let isReported = false;
  for (const [index, rule] of list(at(route, 'spec', 'rules')).entries()) {
    const path = `/spec/rules/${index}/timeouts`;
    const request = text(at(rule, 'timeouts', 'request'));
    const backend = text(at(rule, 'timeouts', 'backendRequest'));
    const name = text(at(rule, 'name')) ?? 'unnamed';
    for (const [field, value] of Object.entries({ request, backendRequest: backend })) {
      if (value === undefined || !isOff(value)) continue;
      yield {
        identity: `off/${name}/${field}`,
        path: `${path}/${field}`,
        message: `timeouts.${field}: ${value} switches the timeout off`,
        why: 'requests to a pod that hangs are never given up',
        fix: `Name the longest time that an answer may take:\ntimeouts: ${flowYaml(mended(request, backend))}`,
        atMost,
      };
    }
    // Whatever serves the route may have a policy of its own kind for it, which nothing here reads.
    if (!requireExplicit || isReported || request !== undefined || backend !== undefined) continue;
    // A redirect is answered where it is, and waits for nobody.
    if (list(at(rule, 'backendRefs')).length === 0) continue;
    isReported = true;
    yield {
      identity: 'request',
      path,
      message: 'a rule names no timeout, so each implementation has its own',
      fix: 'Write how long a request may take as a whole, streams and downloads included:\ntimeouts: {request: 60s}',
      atMost: 'Audit',
    };
  }
}

function isOff(value: string): boolean {
  return /^(0(h|m|s|ms))+$/.test(value);
}

/** Both fields as they may stand beside one another: the API server refuses a backendRequest longer than the request. */
function mended(request: string | undefined, backend: string | undefined): Fields {
  const [isOpen, isBackendOpen] = [request, backend].map((time) => time !== undefined && isOff(time));
  return {
    ...(request !== undefined && { request: isOpen ? longer(isBackendOpen ? undefined : backend) : request }),
    ...(backend !== undefined && { backendRequest: isBackendOpen ? shorter(isOpen ? undefined : request) : backend }),
  };
}

function longer(than: string | undefined): string {
  return than !== undefined && (durationSeconds(than) ?? 0) > 60 ? than : '60s';
}

function shorter(than: string | undefined): string {
  return than !== undefined && (durationSeconds(than) ?? 60) < 60 ? than : '60s';
}
