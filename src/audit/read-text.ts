import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { OperatorError } from '../errors.ts';
import { readFault } from './read-fault.ts';

/** Larger than any set of manifests that people keep in one file; a log or a disk image is refused before it is read. */
const sizeLimit = 128 * 1024 * 1024;

/**
 * The text of a file.
 * @throws {OperatorError} saying why it is no manifest, without the file's name
 */
export function readText(path: string): string {
  return decodeText(readBytes(path));
}

/** @throws {OperatorError} where the bytes are not UTF-8 text */
export function decodeText(bytes: Buffer): string {
  if (hasUtf16Mark(bytes)) throw new OperatorError('is UTF-16 text (PowerShell writes it); save it as UTF-8');
  if (!isUtf8(bytes) || bytes.includes(0)) throw new OperatorError('is a binary file, not UTF-8 text');
  return bytes.toString('utf8');
}

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > sizeLimit) throw new OperatorError(`is larger than ${sizeLimit / 1024 / 1024} MiB; is it a manifest?`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(readFault(error));
  }
}

function hasUtf16Mark(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
