import { durationSeconds } from './duration.ts';
import type { IngressController } from './ingress-controller.ts';

/** What a timeout is for: `read` is the one that cuts an answer which takes its time. */
export type TimeoutRole = 'connect' | 'read' | 'send';

/** How one ingress controller is told its timeouts. */
export interface TimeoutKeys {
  readonly keys: Readonly<Partial<Record<TimeoutRole, string>>>;
  /** The entry in a list of `name=value` that the annotation holds, where it holds one. */
  readonly attribute?: string;
  readonly bodySize?: string;
  /** What the program takes for a time. */
  readonly valid: RegExp;
  /** Such a time in words, with an example. */
  readonly form: string;
  /** In seconds; undefined for one that has no end. */
  readonly seconds: (value: string) => number | undefined;
  /** What holds where nothing is written. */
  readonly defaults: Readonly<Partial<Record<TimeoutRole, string>>>;
}

const nginx = 'nginx.ingress.kubernetes.io/';
const haproxyTime = /^\d+(us|ms|s|m|h|d)$/;

/** Sources: the annotation pages of each controller. Those that are told elsewhere (Kong, GKE, Traefik) are not among them. */
export const timeoutKeys: Readonly<Partial<Record<IngressController, TimeoutKeys>>> = {
  'ingress-nginx': {
    keys: {
      connect: `${nginx}proxy-connect-timeout`,
      read: `${nginx}proxy-read-timeout`,
      send: `${nginx}proxy-send-timeout`,
    },
    bodySize: `${nginx}proxy-body-size`,
    valid: /^-?\d+$/,
    form: 'a whole number of seconds without a unit, such as "60"',
    seconds: Number,
    defaults: { connect: '5', read: '60', send: '60' },
  },
  'nginx-inc': {
    keys: {
      connect: 'nginx.org/proxy-connect-timeout',
      read: 'nginx.org/proxy-read-timeout',
      send: 'nginx.org/proxy-send-timeout',
    },
    bodySize: 'nginx.org/client-max-body-size',
    // A number without its unit can only come last: that leaves one way to read each text, and time that grows with it.
    valid: /^(?=\d)(\d+(ms|[smhdwMy])\s*)*(\d+(ms|[smhdwMy])?)?$/,
    form: 'a time with its unit, such as "60s"',
    seconds: durationSeconds,
    defaults: { connect: '60s', read: '60s', send: '60s' },
  },
  alb: {
    keys: { read: 'alb.ingress.kubernetes.io/load-balancer-attributes' },
    attribute: 'idle_timeout.timeout_seconds',
    valid: /^\d+$/,
    form: 'a whole number of seconds from 1 to 4000, such as 60',
    seconds: Number,
    defaults: { read: '60' },
  },
  agic: {
    keys: { read: 'appgw.ingress.kubernetes.io/request-timeout' },
    valid: /^\d+$/,
    form: 'a whole number of seconds, such as "30"',
    seconds: Number,
    defaults: { read: '30' },
  },
  haproxytech: {
    keys: { read: 'haproxy.org/timeout-server' },
    valid: haproxyTime,
    form: 'a number with its unit, such as "50s"',
    seconds: durationSeconds,
    defaults: { read: '50s' },
  },
  'haproxy-ingress': {
    keys: {
      connect: 'haproxy-ingress.github.io/timeout-connect',
      read: 'haproxy-ingress.github.io/timeout-server',
    },
    bodySize: 'haproxy-ingress.github.io/proxy-body-size',
    valid: haproxyTime,
    form: 'a number with its unit, such as "50s"',
    seconds: durationSeconds,
    defaults: { connect: '5s', read: '50s' },
  },
  contour: {
    keys: { read: 'projectcontour.io/response-timeout' },
    valid: /^(infinity|infinite|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/,
    form: 'a time such as "15s"',
    seconds: durationSeconds,
    defaults: { read: '15s' },
  },
};
