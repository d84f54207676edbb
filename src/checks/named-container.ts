import type { ContainerClass, PodContainer } from '../kubernetes/pod-template.ts';

/** `sidecar container "proxy"`, as a message names it. */
export function namedContainer({ class: kind, name }: PodContainer): string {
  return `${nouns[kind]} ${JSON.stringify(name)}`;
}

/**
 * Init containers under a name of their own: what is wrong with one often counts for less, and must not pass for old once
 * the container moves among the main ones.
 */
export function containerIdentity({ class: kind, name }: PodContainer): string {
  return `${kind === 'init' ? 'init-container' : 'container'}/${name}`;
}

const nouns = {
  main: 'container',
  sidecar: 'sidecar container',
  init: 'init container',
  ephemeral: 'ephemeral container',
} as const satisfies Record<ContainerClass, string>;
