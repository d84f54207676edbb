/**
 * A mistake of the person who runs daytwo: a flag, a file, a policy, a cluster that does not answer. It ends a command with exit
 * code 2 and is printed without a stack trace, so the message says what is wrong, where, and what to write instead.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
}

/** Where in a file a mistake stands; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One mistake in a policy or manifest. */
export interface Mistake {
  readonly file: string;
  readonly position?: Position | undefined;
  /** Dotted path of the field (`spec.rules[2].action`), or empty for the document itself. */
  readonly field: string;
  readonly message: string;
}

/** Every mistake found in the operator's files at once, one a line. */
export class InvalidFileError extends OperatorError {
  override readonly name = 'InvalidFileError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(renderMistake).join('\n'));
    this.mistakes = mistakes;
  }
}

/** `policies/mine.yaml:12:7: spec.rules[2].action: must be one of Deny, Warn, Audit, Off` */
export function renderMistake({ file, position, field, message }: Mistake): string {
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return field === '' ? `${place}: ${message}` : `${place}: ${field}: ${message}`;
}
