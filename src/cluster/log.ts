/** What this room says while it works. Structural, so that pino fits and a test can listen. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
