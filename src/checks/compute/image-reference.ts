import { type ImageReference, parseImageReference } from '../../kubernetes/image-reference.ts';
import { pointerTo } from '../../kubernetes/json-pointer.ts';
import type { PodContainer } from '../../kubernetes/pod-template.ts';
import { workloadKinds } from '../../kubernetes/workload.ts';
import { type CheckSubject, defineCheck, type Finding } from '../check.ts';
import { injectedContainers, isInjected } from '../injected-containers.ts';
import { containerIdentity, namedContainer } from '../named-container.ts';

interface Params {
  /** Tags that are moved from one image to the next. */
  movingTags: string[];
  /** Names of containers that the platform puts into Pods; `*` stands for anything. */
  injectedContainers: string[];
}

const names = { type: 'array', items: { type: 'string' } } as const;

export const imageReference = defineCheck<Params>({
  id: 'compute/image-reference',
  title: 'Images are named by a version or a digest',
  why: 'the next pod may run other code than this one, and a rollback brings back nothing',
  prevents: [
    'a node upgrade that quietly deploys another version of the application',
    'kubectl rollout undo without effect, because both revisions name the same tag',
    'ImagePullBackOff of pods that move, after the tag was pushed over or removed',
  ],
  remedy:
    'Name a version that is pushed once, or the digest (image@sha256:…), with which any tag is fine. Which registry the image ' +
    'comes from is for other tools to judge.',
  severity: 'medium',
  kinds: workloadKinds,
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { movingTags: names, injectedContainers: names },
      required: [],
      additionalProperties: false,
    },
    defaults: {
      movingTags: ['latest', 'stable', 'edge', 'main', 'master', 'develop', 'dev', 'nightly', 'canary', 'snapshot'],
      injectedContainers: [...injectedContainers],
    },
  },
  *evaluate(subject, params) {
    for (const one of subject.workload?.template.containers ?? []) {
      const { image } = one.container;
      if (one.class === 'ephemeral' || typeof image !== 'string' || image === '' || image === filledIn) continue;
      const reference = parseImageReference(image);
      if (moves(reference, params)) yield describe(one, reference, subject, params);
    }
  },
});

/** What a gateway's own manifest says where the mesh puts the image of its proxy into each Pod. */
const filledIn = 'auto';

function moves({ tag, digest }: ImageReference, { movingTags }: Params): boolean {
  return digest === undefined && (tag === undefined || movingTags.includes(tag));
}

function describe(
  one: PodContainer,
  { repository, tag }: ImageReference,
  subject: CheckSubject,
  { injectedContainers }: Params,
): Finding {
  const named = tag === undefined ? `${short(repository)} without a tag` : `the moving tag ${short(repository)}:${tag}`;
  const kept = keepsOld(one, tag);
  return {
    identity: `${containerIdentity(one)}/image`,
    path: pointerTo(one.pointer, 'image'),
    message: `${namedContainer(one)} runs ${named}${kept ? ', pulled once per node' : ''}`,
    ...(kept && {
      why: 'a node that has an image of that name keeps it, so replicas run different code side by side',
      severity: 'high',
    }),
    ...(isInjected(one.name, subject, injectedContainers)
      ? { fix: 'Name a version where your platform configures this injected container', atMost: 'Audit' }
      : { fix: `Name a version or a digest, for example:\nimage: ${repository}:1.0.0` }),
  };
}

/** Where nothing is written the API pulls `latest` always, and any other tag only onto nodes that lack it. */
function keepsOld({ container }: PodContainer, tag: string | undefined): boolean {
  const policy = container.imagePullPolicy ?? (tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent');
  return policy !== 'Always';
}

/** Registries of clouds have long names; the end says which image it is. */
function short(repository: string): string {
  return repository.length <= 32 ? repository : `…${repository.slice(-31)}`;
}
