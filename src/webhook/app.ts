import type { Server } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { AdmitOptions } from './admit.ts';
import { answerPosts } from './answer-posts.ts';

/** A certificate and its key, PEM. */
export interface TlsPair {
  readonly certificate: string;
  readonly key: string;
}

export interface WebhookOptions extends AdmitOptions {
  readonly tls: TlsPair;
  /** Why requests should go to another replica (`cache not synced`), or undefined. */
  readonly notReady: () => string | undefined;
  /**
   * Milliseconds in which a whole request must have arrived; 10,000 where absent. The API server has long given up by then,
   * and a process that was starved of CPU does not drop what waits in its sockets.
   */
  readonly requestTimeout?: number;
}

export interface Webhook {
  readonly app: FastifyInstance<Server>;
  /** New connections get the new certificate, open ones live on. @throws where key and certificate do not match; the old pair is served on */
  useCertificate(tls: TlsPair): void;
  /** Stops without losing a request: not ready at once, served on for so many milliseconds, then closed. */
  drain(milliseconds: number): Promise<void>;
}

/** The API server takes 3 MiB an object and an UPDATE holds two, in which Go writes six bytes for a `<`. */
const bodyLimit = 40 * 1024 * 1024;
/** Above the 90 s after which the API server closes an idle connection: the side that closes first risks a reset. */
const keepAliveTimeout = 120_000;
/** For requests that are still on their way when everybody else is done. */
const closeTimeout = 5_000;

/** The admission webhook as an HTTPS server. */
export function createWebhook(options: WebhookOptions): Webhook {
  const app = createApp(options);
  let draining = false;
  answerPosts(app, options, () => draining);
  answerProbes(app, () => (draining ? 'shutting down' : options.notReady()));
  app.get('/metrics', async (_request, reply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.render()),
  );
  return {
    app,
    useCertificate: ({ certificate, key }) => app.server.setSecureContext({ cert: certificate, key }),
    async drain(milliseconds) {
      draining = true;
      await wait(milliseconds);
      const giveUp = setTimeout(() => app.server.closeAllConnections(), closeTimeout);
      await app.close();
      clearTimeout(giveUp);
    },
  };
}

function createApp({ tls, metrics, requestTimeout = 10_000 }: WebhookOptions): FastifyInstance<Server> {
  const app = fastify({
    https: {
      cert: tls.certificate,
      key: tls.key,
      handshakeTimeout: requestTimeout,
      headersTimeout: requestTimeout,
      // node looks for late requests every 30 s by default.
      connectionsCheckingInterval: Math.ceil(requestTimeout / 5),
    },
    requestTimeout,
    bodyLimit,
    keepAliveTimeout,
    // A request that comes while the server closes is answered, not refused with 503: the API server would deny or skip.
    return503OnClosing: false,
    exposeHeadRoutes: false,
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const statusCode = error.statusCode ?? 500;
    metrics.countRefused(String(statusCode));
    void reply.code(statusCode).send({ error: explain(error, statusCode) });
  });
  app.setNotFoundHandler((_request, reply) => {
    void reply
      .code(404)
      .send({ error: 'there is POST /validate, POST /mutate, GET /livez, GET /readyz and GET /metrics' });
  });
  return app;
}

function explain(error: FastifyError, statusCode: number): string {
  if (statusCode === 413) return `the body is larger than ${bodyLimit / 1024 / 1024} MiB`;
  if (statusCode === 415) return 'expected content-type application/json';
  return statusCode < 500 ? error.message : 'daytwo failed; its log says where';
}

function answerProbes(app: FastifyInstance<Server>, notReady: () => string | undefined): void {
  app.get('/livez', (_request, reply) => sendText(reply, 200, 'ok'));
  app.get('/readyz', (_request, reply) => {
    const reason = notReady();
    return sendText(reply, reason === undefined ? 200 : 503, reason ?? 'ok');
  });
}

function sendText(reply: FastifyReply, statusCode: number, text: string): FastifyReply {
  return reply.code(statusCode).type('text/plain; charset=utf-8').send(`${text}\n`);
}
