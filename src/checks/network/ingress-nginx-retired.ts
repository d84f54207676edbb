import { text } from '../../kubernetes/fields.ts';
import {
  controllerOfClass,
  ingressClassKind,
  ingressKind,
  resolveIngress,
} from '../../kubernetes/ingress-controller.ts';
import { controllerOf } from '../../kubernetes/object.ts';
import { type Workload, workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';

interface Params {
  /** Parts of the names of images in which someone else goes on mending ingress-nginx. */
  maintainedForks: string[];
}

export const ingressNginxRetired = defineCheck<Params>({
  id: 'network/ingress-nginx-retired',
  title: 'Routes do not depend on the retired ingress-nginx',
  why: 'it was retired in March 2026, and the next hole in what faces the internet stays open',
  prevents: ['a published vulnerability at the edge for which there is no release'],
  remedy:
    'Plan the move to the Gateway API or to another Ingress controller; ingress2gateway translates what it can. Mind what changes its ' +
    'meaning: proxy-read-timeout is the longest pause within an answer and the timeout of an HTTPRoute the whole of it, ' +
    'body sizes have other defaults, and snippets have no counterpart.',
  severity: 'medium',
  kinds: [ingressKind, ingressClassKind, ...workloadKinds],
  reads: { [ingressClassKind]: 'none' },
  params: {
    schema: {
      type: 'object',
      properties: { maintainedForks: { type: 'array', items: { type: 'string', minLength: 1 } } },
      required: [],
      additionalProperties: false,
    },
    defaults: { maintainedForks: ['chainguard/ingress-nginx-controller'] },
  },
  *evaluate(subject, { maintainedForks }, view) {
    const { object, groupKind, workload } = subject;
    if (workload !== undefined) yield* judgeImages(workload, maintainedForks);
    else if (groupKind === ingressClassKind) {
      if (controllerOfClass(object) === 'ingress-nginx') yield describeClass(object.metadata.name ?? '');
    } else if (groupKind === ingressKind && controllerOf(object) === undefined) {
      const { controller, className } = resolveIngress(object, view);
      if (controller === 'ingress-nginx') yield describeIngress(subject, className ?? '');
    }
  },
  /** A class called nginx is one of two programs, and any other name says nothing. */
  unknown({ object, groupKind }, _params, view) {
    if (groupKind !== ingressKind || view.knows(ingressClassKind) === 'all') return undefined;
    const { controller } = resolveIngress(object, view);
    return controller === undefined || controller === 'nginx' ? ingressClassKind : undefined;
  },
});

function describeIngress({ operation, namespace = 'default' }: CheckSubject, className: string): Finding {
  return {
    identity: 'ingress',
    path: '/spec/ingressClassName',
    message: `class "${className}" is served by ingress-nginx, which gets no more fixes`,
    fix: `Move the route to a maintained controller; a draft of an HTTPRoute:\ningress2gateway print --providers ingress-nginx --namespace ${namespace}`,
    // Only a new one adds to what must be moved.
    atMost: operation === 'CREATE' ? 'Warn' : 'Audit',
  };
}

function describeClass(name: string): Finding {
  return {
    identity: 'class',
    path: '/spec/controller',
    message: `IngressClass "${name}" belongs to ingress-nginx, which gets no more fixes`,
    fix: 'Install a maintained controller beside it, and move the routes of this class one by one',
    atMost: 'Audit',
  };
}

function* judgeImages({ template, controller }: Workload, forks: readonly string[]): Iterable<Finding> {
  if (controller !== undefined) return;
  for (const { name, pointer, container } of template.containers) {
    const image = text(container.image) ?? '';
    const isFork = forks.some((fork) => image.includes(fork));
    if (!isFork && !/(^|\/)ingress-nginx\/controller(-chroot)?([:@]|$)/.test(image)) continue;
    yield {
      identity: `image/${name}`,
      path: `${pointer}/image`,
      message: `container "${name}" runs ${isFork ? 'a fork of ingress-nginx' : 'ingress-nginx, which gets no more fixes'}`,
      ...(isFork && { why: 'its project was retired, and only those who make the fork mend it' }),
      fix: 'Install a maintained controller beside it, and move the routes over',
      atMost: 'Audit',
      ...(isFork && { severity: 'info' }),
    };
  }
}
