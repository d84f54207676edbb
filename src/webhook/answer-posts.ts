import type { Server } from 'node:https';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AdmitOptions, type Answer, patch, type Post, validate } from './admit.ts';
import { inBatches } from './in-batches.ts';

/**
 * Answers POST /validate and /mutate.
 * @param draining whether connections should end with the next answer, so that clients come back to another replica
 */
export function answerPosts(app: FastifyInstance<Server>, options: AdmitOptions, draining: () => boolean): void {
  app.removeAllContentTypeParsers();
  // fastify's own parser refuses a `__proto__` key, which is a valid key of a ConfigMap: decode.ts parses.
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  const finish = (answered: readonly Answered[]): void => finishAll(answered, options, draining());
  const submit = inBatches<Submitted>((submitted) => finish(answerAll(submitted, options, finish)));
  for (const [path, answer] of [
    ['/validate', validate],
    ['/mutate', patch],
  ] as const) {
    app.post(path, (request, reply) => submit({ answer, post: postOf(request), reply }));
  }
}

interface Submitted {
  readonly answer: typeof validate | typeof patch;
  readonly post: Post;
  readonly reply: FastifyReply;
}

interface Answered {
  readonly answer: Answer;
  readonly reply: FastifyReply;
}

/** @param finish for those that have to ask the cluster first: they come one by one */
function answerAll(
  submitted: readonly Submitted[],
  options: AdmitOptions,
  finish: (late: readonly Answered[]) => void,
): readonly Answered[] {
  const answered: Answered[] = [];
  for (const { answer, post, reply } of submitted) {
    const given = answer(options, post);
    if (given instanceof Promise) void given.then((late) => finish([{ answer: late, reply }]));
    else answered.push({ answer: given, reply });
  }
  return answered;
}

/** Sends all, and only then counts and logs. */
function finishAll(answered: readonly Answered[], { metrics }: AdmitOptions, lastOnConnection: boolean): void {
  for (const { answer, reply } of answered) {
    if (lastOnConnection) reply.header('connection', 'close');
    void reply.code(answer.statusCode).header('content-type', 'application/json').send(answer.body);
  }
  for (const { answer } of answered) {
    try {
      answer.record();
    } catch {
      metrics.countFault();
    }
  }
}

const nothing = Buffer.alloc(0);

function postOf({ body, headers }: FastifyRequest): Post {
  const { traceparent } = headers;
  return {
    body: Buffer.isBuffer(body) ? body : nothing,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    receivedAt: performance.now(),
  };
}
