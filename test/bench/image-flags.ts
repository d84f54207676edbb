import { readFileSync } from 'node:fs';

/** The flags that Node gets in the image: memory is measured as it is shipped. */
export function imageFlags(): readonly string[] {
  return entrypoint().filter((word) => word.startsWith('--'));
}

/** The words of the Dockerfile's ENTRYPOINT. */
function entrypoint(): readonly string[] {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const written = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1];
  if (written === undefined) throw new Error('the Dockerfile has no ENTRYPOINT');
  return JSON.parse(written) as readonly string[];
}
