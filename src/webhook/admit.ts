import type { Decision, Unconfirmed } from '../engine/decision.ts';
import { judge } from '../engine/judge.ts';
import { mutate } from '../engine/mutate.ts';
import { letRollBack, mayRollBack } from '../engine/roll-back.ts';
import type { ClusterView } from '../kubernetes/cluster-view.ts';
import type { GroupKind, KubernetesObject } from '../kubernetes/object.ts';
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
import { unseenNamespace, viewFor } from './view-for.ts';

/** What an admission needs of the process around it; functions, because policy and view change while it serves. */
export interface AdmitOptions {
  readonly policy: () => ActivePolicy;
  readonly view: () => ClusterView;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  /**
   * The view with what the cluster itself says now in the place of what it holds of some kinds; undefined where that cannot be
   * learned within half a second. Asked only about a Namespace that the watch has not brought yet, and before somebody is
   * refused for what is missing: nothing else waits.
   */
  readonly lookUp?: ((unconfirmed: readonly Unconfirmed[]) => Promise<ClusterView | undefined>) | undefined;
  /** Whether the workload had its template before, as the cluster itself says within half a second. Asked only where it is to be refused. */
  readonly ranBefore?: ((object: KubernetesObject, kind: GroupKind) => Promise<boolean>) | undefined;
}

/** One POST: the body, and the header that joins the log line to a trace. */
export interface Post {
  readonly body: Buffer;
  readonly traceparent: string | undefined;
  /** `performance.now()` when the body was complete. */
  readonly receivedAt: number;
}

/** What goes back over HTTP: a review with status 200, or `{"error": …}` where there is no uid to answer. */
export interface Answer {
  readonly statusCode: 200 | 400 | 500;
  readonly body: string;
  /** Counts and logs; for when the answer is on its way: nobody waits for a log. */
  readonly record: () => void;
}

/** A response, and what there is to count and log about it. */
interface Concluded {
  readonly response: AdmissionResponse;
  readonly record: () => void;
}

/** `/validate`: judges, and says everything that is wrong at once. A promise only where the cluster is asked first. */
export function validate(options: AdmitOptions, post: Post): Answer | Promise<Answer> {
  return answer(options, post, (request, view) => {
    const policy = options.policy();
    const decision = judge(request, policy, view);
    if (decision.unconfirmed.length === 0 || options.lookUp === undefined) {
      return concludeUnlessRolledBack(options, post, request, decision, policy);
    }
    return options.lookUp([...decision.unconfirmed, ...unseenNamespace(request, options.view())]).then((seen) => {
      const confirmed = seen === undefined ? decision : judge(request, policy, seen, 'confirmed');
      return concludeUnlessRolledBack(options, post, request, confirmed, policy);
    });
  });
}

function concludeUnlessRolledBack(
  options: AdmitOptions,
  post: Post,
  request: AdmissionRequest,
  decision: Decision,
  policy: ActivePolicy,
): Concluded | Promise<Concluded> {
  const { groupKind, object } = request;
  if (options.ranBefore === undefined || !mayRollBack(decision, request))
    return concludeValidation(options, post, request, decision, policy);
  return options
    .ranBefore(object, groupKind)
    .then((ran) => concludeValidation(options, post, request, ran ? letRollBack(decision) : decision, policy));
}

function concludeValidation(
  { metrics, log }: AdmitOptions,
  post: Post,
  request: AdmissionRequest,
  judged: Decision,
  { checklist }: ActivePolicy,
): Concluded {
  const mistakes = judged.bypass === undefined ? mistakesInRequest(request, checklist) : [];
  const decision = mistakes.length === 0 ? judged : { ...judged, allowed: false };
  const response =
    mistakes.length === 0 ? respondToValidation(request, decision) : respondToMistakes(request, mistakes);
  const milliseconds = performance.now() - post.receivedAt;
  return {
    response,
    record() {
      metrics.countDecision(request, decision, milliseconds / 1000);
      log.info(decisionLine(request, decision, milliseconds, post.traceparent), 'validated');
    },
  };
}

/** `/mutate`: patches what the policy lets it patch, and admits everything. */
export function patch(options: AdmitOptions, post: Post): Answer | Promise<Answer> {
  return answer(options, post, (request, view) => {
    const mutation = mutate(request, options.policy(), view);
    const response = respondToMutation(request, mutation);
    const milliseconds = performance.now() - post.receivedAt;
    return {
      response,
      record() {
        options.metrics.countMutation(request, mutation, milliseconds / 1000);
        options.log.info(mutationLine(request, mutation, milliseconds, post.traceparent), 'mutated');
      },
    };
  });
}

/** Never throws: whatever goes wrong after the uid is known, there is an answer with that uid. A webhook that is silent stops a cluster. */
function answer(
  options: AdmitOptions,
  post: Post,
  conclude: (request: AdmissionRequest, view: ClusterView) => Concluded | Promise<Concluded>,
): Answer | Promise<Answer> {
  let request: AdmissionRequest | undefined;
  const explain = (error: unknown): Answer =>
    error instanceof InvalidReview ? refuse(error, options) : fail(error, request, post, options);
  try {
    const decoded = decodeReview(post.body, options.now());
    request = decoded;
    const view = viewFor(decoded, options);
    const concluded = view instanceof Promise ? view.then((seen) => conclude(decoded, seen)) : conclude(decoded, view);
    return concluded instanceof Promise ? concluded.then(render).catch(explain) : render(concluded);
  } catch (error) {
    return explain(error);
  }
}

function render({ response, record }: Concluded): Answer {
  return { statusCode: 200, body: renderReview(response), record };
}

function refuse(error: InvalidReview, { metrics }: AdmitOptions): Answer {
  const { uid, message } = error;
  const record = (): void => metrics.countRefused(uid === undefined ? '400' : 'invalid');
  if (uid !== undefined) return render({ response: respondToInvalid(uid, error), record });
  return { statusCode: 400, body: JSON.stringify({ error: message }), record };
}

function fail(
  error: unknown,
  request: AdmissionRequest | undefined,
  { traceparent }: Post,
  options: AdmitOptions,
): Answer {
  const record = (): void => {
    options.metrics.countFault();
    options.log.error(faultLine(request, error, traceparent), 'failed');
  };
  if (request !== undefined)
    return render({ response: respondToFault(request.uid, faultDenies(request, options)), record });
  return { statusCode: 500, body: '{"error":"daytwo failed; its log says where"}', record };
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
