import { type Decision, exemptionsUsed, findingsOf, type Mutation } from '../engine/decision.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import type { AdmissionRequest, InvalidReview } from './decode.ts';
import { denialMessage } from './message.ts';
import { plainText } from './plain-text.ts';
import { warningsOf, withheldWarnings } from './warnings.ts';

/** Source: admission/v1 AdmissionResponse. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: Status;
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** Base64 of a JSON Patch. */
  readonly patch?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Source: meta/v1 Status, as far as a webhook fills it in. */
interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly causes: readonly { readonly field: string; readonly reason: string; readonly message: string }[];
  };
}

/** Machines read as many causes; people read the message. */
const causesLimit = 100;

/** The answer of `/validate`. */
export function respondToValidation(request: AdmissionRequest, decision: Decision): AdmissionResponse {
  const { uid } = request;
  const auditAnnotations = auditOf(decision);
  const audited = auditAnnotations === undefined ? {} : { auditAnnotations };
  if (!decision.allowed) return { uid, allowed: false, status: denial(request, decision), ...audited };
  const warnings = warningsOf(decision);
  return warnings.length === 0 ? { uid, allowed: true, ...audited } : { uid, allowed: true, warnings, ...audited };
}

/** The answer of `/mutate`: it admits everything, and patches what it can. */
export function respondToMutation({ uid }: AdmissionRequest, mutation: Mutation): AdmissionResponse {
  const warnings = withheldWarnings(mutation);
  const warned = warnings.length === 0 ? {} : { warnings };
  if (mutation.operations.length === 0) return { uid, allowed: true, ...warned };
  return {
    uid,
    allowed: true,
    ...warned,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(mutation.operations)).toString('base64'),
    auditAnnotations: { patched: mutation.checks.join(',') },
  };
}

/** Whoever sends a review that cannot be read gets no object past a guardrail by it. */
export function respondToInvalid(uid: string, { message }: InvalidReview): AdmissionResponse {
  return { uid, allowed: false, status: { code: 400, reason: 'BadRequest', message: plainText(message) } };
}

/** daytwo itself failed: what that means for the object was decided by the policy (`onFault`). */
export function respondToFault(uid: string, denied: boolean): AdmissionResponse {
  const message = 'daytwo itself failed and could not judge this object; its log has the place of the fault';
  return denied
    ? { uid, allowed: false, status: { code: 500, reason: 'InternalError', message } }
    : { uid, allowed: true, warnings: [message] };
}

/** The body of an answer. */
export function renderReview(response: AdmissionResponse): string {
  return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":${JSON.stringify(response)}}`;
}

function denial(request: AdmissionRequest, decision: Decision): Status {
  const causes = findingsOf(decision, 'Deny')
    .slice(0, causesLimit)
    .map(({ check, path, message }) => ({ field: fieldPath(path), reason: check.id, message: plainText(message) }));
  return { code: 403, reason: 'Forbidden', message: denialMessage(request, decision), details: { causes } };
}

/**
 * For the API server's audit log, which prefixes the keys with the webhook's name. Most requests are admitted with nothing
 * to say, and then nothing is said.
 */
function auditOf(decision: Decision): Readonly<Record<string, string>> | undefined {
  const { allowed, bypass, noteworthy } = decision;
  if (bypass !== undefined) return { decision: 'bypassed', bypass };
  if (allowed && noteworthy.length === 0) return undefined;
  const noted = noteworthy.map(({ check, outcome }) => `${check.id}=${outcome}`);
  const used = exemptionsUsed(decision);
  const exempted = used.length === 0 ? {} : { exemptions: used.join(',') };
  return { decision: allowed ? 'allowed' : 'denied', checks: noted.join(','), ...exempted };
}
