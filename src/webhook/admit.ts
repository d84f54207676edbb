import { judge } from '../engine/judge.ts';
import { mutate } from '../engine/mutate.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { ActivePolicy } from '../policy/active-policy.ts';
import { type AdmissionRequest, decodeReview, InvalidReview } from './decode.ts';
import { decisionLine, faultLine, type Log, mutationLine } from './log-lines.ts';
import type { Metrics } from './metrics.ts';
import { mistakesInRequest, respondToMistakes } from './own-kinds.ts';
import {
  type AdmissionResponse,
  renderReview,
  respondToFault,
  respondToInvalid,
  respondToMutation,
  respondToValidation,
} from './respond.ts';

/** What an admission needs of the process around it; functions, because policy and view change while it serves. */
export interface AdmitOptions {
  readonly policy: () => ActivePolicy;
  readonly view: () => ClusterView;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One POST: the body, and the header that joins the log line to a trace. */
export interface Post {
  readonly body: string;
  readonly traceparent: string | undefined;
}

/** What goes back over HTTP: a review with status 200, or `{"error": …}` where there is no uid to answer. */
export interface Answer {
  readonly statusCode: 200 | 400;
  readonly body: string;
}

/** `/validate`: judges, and says everything that is wrong at once. */
export function validate(options: AdmitOptions, post: Post): Answer {
  return answer(options, post, (request, started) => {
    const policy = options.policy();
    const judged = judge(request, policy, options.view());
    const mistakes = judged.bypass === undefined ? mistakesInRequest(request, policy.checklist) : [];
    const decision = mistakes.length === 0 ? judged : { ...judged, allowed: false };
    const milliseconds = performance.now() - started;
    options.metrics.countDecision(request, decision, milliseconds / 1000);
    options.log.info(decisionLine(request, decision, milliseconds, post.traceparent), 'validated');
    return mistakes.length === 0 ? respondToValidation(request, decision) : respondToMistakes(request, mistakes);
  });
}

/** `/mutate`: patches what the policy lets it patch, and admits everything. */
export function patch(options: AdmitOptions, post: Post): Answer {
  return answer(options, post, (request, started) => {
    const mutation = mutate(request, options.policy(), options.view());
    const milliseconds = performance.now() - started;
    options.metrics.countMutation(request, mutation, milliseconds / 1000);
    options.log.info(mutationLine(request, mutation, milliseconds, post.traceparent), 'mutated');
    return respondToMutation(request, mutation);
  });
}

/** Whatever goes wrong after the uid is known, there is an answer with that uid: a webhook that is silent stops a cluster. */
function answer(
  options: AdmitOptions,
  post: Post,
  respond: (request: AdmissionRequest, started: number) => AdmissionResponse,
): Answer {
  const started = performance.now();
  let request: AdmissionRequest | undefined;
  try {
    request = decodeReview(post.body, options.now());
    return review(respond(request, started));
  } catch (error) {
    if (error instanceof InvalidReview) return refuse(error, options);
    if (request === undefined) throw error;
    options.metrics.countFault();
    options.log.error(faultLine(request, error, post.traceparent), 'failed');
    return review(respondToFault(request.uid, faultDenies(request, options)));
  }
}

function review(response: AdmissionResponse): Answer {
  return { statusCode: 200, body: renderReview(response) };
}

function refuse(error: InvalidReview, { metrics }: AdmitOptions): Answer {
  metrics.countRefused(error.uid === undefined ? '400' : 'invalid');
  if (error.uid !== undefined) return review(respondToInvalid(error.uid, error));
  return { statusCode: 400, body: JSON.stringify({ error: error.message }) };
}

/** A kind is refused when a rule for it wants that: no one gets past by making daytwo fail. */
function faultDenies({ groupKind }: AdmissionRequest, { policy }: AdmitOptions): boolean {
  try {
    return policy()
      .rulesFor(groupKind)
      .some(({ rules }) => rules.some(({ onFault }) => onFault === 'Deny'));
  } catch {
    return false;
  }
}
