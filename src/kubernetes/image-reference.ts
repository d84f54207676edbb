/** An image as a container names it: `registry.example/shop/checkout:1.4@sha256:…`. */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`; with it the tag decides nothing. */
  readonly digest: string | undefined;
}

/** A colon before the last slash belongs to the port of a registry. Source: distribution/reference. */
export function parseImageReference(image: string): ImageReference {
  const at = image.indexOf('@');
  const named = at === -1 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  return {
    repository: hasTag ? named.slice(0, colon) : named,
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest: at === -1 ? undefined : image.slice(at + 1),
  };
}
