import { type Decision, exemptionsUsed, type Mutation } from '../engine/decision.ts';
import type { AdmissionRequest } from './decode.ts';
import { readTraceContext } from './trace-context.ts';

/** Where lines go; pino fits. */
export interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * The line of a decision. It names the object and the checks, and never holds a value of the object or a finding's text:
 * an object may be a Secret. `namespace` stays free for the pod of daytwo itself.
 */
export function decisionLine(
  request: AdmissionRequest,
  decision: Decision,
  milliseconds: number,
  traceparent: string | undefined,
): object {
  return {
    ...requestFields(request, milliseconds, traceparent),
    decision: decision.bypass === undefined ? (decision.allowed ? 'allowed' : 'denied') : 'bypassed',
    bypass: decision.bypass,
    tier: decision.tier,
    checks: notedChecks(decision),
    exemptions: notedExemptions(decision),
  };
}

export function mutationLine(
  request: AdmissionRequest,
  { checks, withheld }: Mutation,
  milliseconds: number,
  traceparent: string | undefined,
): object {
  return {
    ...requestFields(request, milliseconds, traceparent),
    decision: checks.length === 0 ? 'unchanged' : 'patched',
    checks,
    withheld: withheld.length === 0 ? undefined : withheld.map(({ check }) => check),
  };
}

/** Class and place of the fault, not its message: V8 quotes the input in some of them. */
export function faultLine(
  request: AdmissionRequest | undefined,
  fault: unknown,
  traceparent: string | undefined,
): object {
  const isError = fault instanceof Error;
  const frames = isError ? (fault.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  return {
    ...(request === undefined ? {} : requestFields(request, 0, traceparent)),
    fault: isError ? fault.name : 'not an Error',
    at: frames.slice(0, 5).map((frame) => frame.trim()),
  };
}

function requestFields(
  { uid, operation, groupKind, namespace, name, subresource, user, dryRun }: AdmissionRequest,
  milliseconds: number,
  traceparent: string | undefined,
): object {
  return {
    uid,
    operation,
    object: { kind: groupKind, namespace, name },
    subresource,
    user,
    dryRun,
    durationMs: Math.round(milliseconds * 1000) / 1000,
    ...readTraceContext(traceparent),
  };
}

/** Names, and nothing that somebody wrote into them. */
function notedExemptions(decision: Decision): readonly string[] | undefined {
  const used = exemptionsUsed(decision);
  return used.length === 0 ? undefined : used;
}

/** Outcome by check, of those that have something to say. */
function notedChecks({ noteworthy }: Decision): Readonly<Record<string, string>> | undefined {
  if (noteworthy.length === 0) return undefined;
  return Object.fromEntries(noteworthy.map(({ check, outcome }) => [check.id, outcome]));
}
