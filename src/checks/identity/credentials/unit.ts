/** A place in an object, for people, for the ratchet and for machines. */
export interface Place {
  /** `container "app" env AWS_SECRET_ACCESS_KEY` */
  readonly where: string;
  /** By names, never by indexes: `container/app/env/AWS_SECRET_ACCESS_KEY`. */
  readonly identity: string;
  /** JSON Pointer. */
  readonly pointer: string;
}

/** One string of an object. */
export interface Part extends Place {
  /** What the value goes by: the variable, header or key. Empty for an element of a list. */
  readonly name: string;
  readonly value: string;
  /** The value is base64 on the wire by its type, as in a Secret's `data`: that decoding hides nothing and is not counted. */
  readonly encoded?: true;
  /**
   * A `document` may hold many secrets under one name (a file, an argument list), a `value` is one thing. A `hint` belongs to
   * another unit, and only tells what the secrets of this one are for.
   */
  readonly holds: 'value' | 'document' | 'hint';
}

/** Strings in which an id and its secret belong together: the env of one container, one command line, one file. */
export type Unit = readonly Part[];
