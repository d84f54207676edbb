import { at, list, text } from '../../kubernetes/fields.ts';
import { flowYaml } from '../../kubernetes/flow-yaml.ts';
import type { TimeoutKeys, TimeoutRole } from '../../kubernetes/ingress-timeout-keys.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import { annotationOf, type KubernetesObject } from '../../kubernetes/object.ts';
import { quoted } from '../../kubernetes/shorten.ts';
import type { ActionByTier } from '../action.ts';
import { askToAllow } from '../ask-to-allow.ts';
import type { Finding } from '../check.ts';
import type { TimeLimits } from './gke-timeouts.ts';

/** What a policy asks of the times that are written. */
export interface WantedTimeouts {
  /** Whether the read timeout must be written even where the controller's own is meant. */
  requireExplicit: boolean;
  /** Seconds within which a read timeout is sensible. */
  readTimeout: { min: number; max: number };
  /** Hosts of WebSockets, event streams and gRPC, which may wait for an hour. */
  longLivedHosts: string[];
}

const annotations = '/metadata/annotations';

/** What is not wrong but left to chance. */
export const advice: ActionByTier = { production: 'Warn', standard: 'Audit', sandbox: 'Off' };

/** What is written of the time for which it waits for an answer. */
export function readTimeout(ingress: KubernetesObject, known: TimeoutKeys): string | undefined {
  return valueOf(ingress, known.keys.read ?? '', known);
}

function valueOf(ingress: KubernetesObject, key: string, { attribute }: TimeoutKeys): string | undefined {
  const written = annotationOf(ingress, key);
  if (attribute === undefined || written === undefined) return written;
  const entry = written.split(',').find((one) => one.trim().startsWith(`${attribute}=`));
  return entry?.slice(entry.indexOf('=') + 1).trim();
}

/** In characters: more than any time has, and no text of a user is searched at length. */
const longestTime = 64;

/** Times that the controller does not read, or that nobody would wait. */
export function* judgeValues(ingress: KubernetesObject, known: TimeoutKeys, params: WantedTimeouts): Iterable<Finding> {
  for (const [role, key] of Object.entries(known.keys) as [TimeoutRole, string][]) {
    const value = valueOf(ingress, key, known);
    if (value === undefined) continue;
    if (value.length <= longestTime && known.valid.test(value))
      yield* judgeRange(ingress, { role, key, value, known }, params);
    else yield describeInvalid(ingress, { role, key, value, known });
  }
  const size = known.bodySize === undefined ? undefined : annotationOf(ingress, known.bodySize);
  if (known.bodySize !== undefined && size === '0') yield describeUnlimitedBody(known.bodySize);
}

interface Written {
  readonly role: TimeoutRole;
  readonly key: string;
  readonly value: string;
  readonly known: TimeoutKeys;
}

function* judgeRange(ingress: KubernetesObject, written: Written, params: WantedTimeouts): Iterable<Finding> {
  const { role, key, value, known } = written;
  const seconds = known.seconds(value) ?? Number.POSITIVE_INFINITY;
  const { min, max } = role === 'read' ? readLimits(ingress, params) : { min: 1, max: role === 'connect' ? 75 : 3600 };
  if (seconds >= min && seconds <= max) return;
  yield {
    identity: `range/${key}`,
    path: pointerTo(annotations, key),
    message: `${shortName(key, known)} "${value.slice(0, 20)}" is not between ${min} and ${max} seconds`,
    why:
      seconds < min
        ? 'healthy answers that take a moment are cut'
        : role === 'connect'
          ? 'no connection takes that long to come about, and the setting has no effect beyond this'
          : 'requests to a pod that hangs pile up for that long',
    fix: `Write a time that a person would wait:\n${flowYaml({ [key]: example(ingress, key, known, role) }).slice(1, -1)}${role === 'read' ? `\nOr ${askToAllow('the host', 'longLivedHosts')}` : ''}`,
    atMost: advice,
  };
}

export function readLimits(ingress: KubernetesObject, { readTimeout, longLivedHosts }: WantedTimeouts): TimeLimits {
  const isLong = hostsOf(ingress).some((host) => longLivedHosts.includes(host));
  return isLong ? { min: readTimeout.min, max: 3600 } : readTimeout;
}

function hostsOf(ingress: KubernetesObject): readonly string[] {
  return list(at(ingress, 'spec', 'rules')).map((rule) => text(at(rule, 'host')) ?? '');
}

function describeInvalid(ingress: KubernetesObject, { key, value, known, role }: Written): Finding {
  return {
    identity: `invalid/${key}`,
    path: pointerTo(annotations, key),
    message: `${shortName(key, known)} ${quoted(value, 30)} is no time that this controller reads`,
    why: `it takes ${known.form}, ignores everything else and goes on with its default of ${known.defaults[role]}`,
    fix: `Write ${known.form}:\n${flowYaml({ [key]: example(ingress, key, known, role) }).slice(1, -1)}`,
    severity: 'high',
  };
}

export function* describeMissing(
  ingress: KubernetesObject,
  known: TimeoutKeys,
  { requireExplicit }: WantedTimeouts,
): Iterable<Finding> {
  const key = known.keys.read;
  if (!requireExplicit || key === undefined) return;
  yield {
    identity: 'read-timeout',
    path: pointerTo(annotations, key),
    message: `no read timeout is written, and the controller cuts after ${inWords(known.defaults.read)}`,
    fix: `Write how long an answer may take:\nmetadata:\n  annotations: ${flowYaml({ [key]: example(ingress, key, known, 'read') })}`,
    atMost: advice,
  };
}

function inWords(time = ''): string {
  return time.endsWith('s') ? time : `${time}s`;
}

/** The annotation to paste. Where it holds a list, the other entries stay: without one the load balancer loses what it asked for. */
function example(ingress: KubernetesObject, key: string, known: TimeoutKeys, role: TimeoutRole): string {
  const value = known.defaults[role] ?? '60';
  const { attribute } = known;
  if (attribute === undefined) return value;
  const entries = (annotationOf(ingress, key) ?? '').split(',').map((one) => one.trim());
  const others = entries.filter((one) => one !== '' && !one.startsWith(`${attribute}=`));
  return [...others, `${attribute}=${value}`].join(',');
}

function describeUnlimitedBody(key: string): Finding {
  return {
    identity: `body/${key}`,
    path: pointerTo(annotations, key),
    message: `${key.slice(key.indexOf('/') + 1)} "0" lets requests of any size in`,
    why: 'one upload can fill the disk of the controller that everybody shares',
    fix: `Name the largest upload:\n${key}: 8m`,
    atMost: advice,
  };
}

function shortName(key: string, { attribute }: TimeoutKeys): string {
  return attribute ?? key.slice(key.indexOf('/') + 1);
}
