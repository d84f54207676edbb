import { fields, own, text } from '../../../kubernetes/fields.ts';
import { type KubernetesObject, labelOf } from '../../../kubernetes/object.ts';
import { parseJson } from '../../../kubernetes/parse-json.ts';
import { textOf } from './decode.ts';
import { entryOf } from './map-units.ts';
import type { Part, Unit } from './unit.ts';
import type { Reading } from './views.ts';

/** A Secret's values by who wrote them. */
export interface SecretUnits {
  /** All that people put in it, together: an id and its secret stand under different keys. */
  readonly own: Unit;
  /** Values and manifests of a Helm release, or a Terraform state: copies of what stands elsewhere. */
  readonly records: readonly Unit[];
}

export function secretUnits(object: KubernetesObject, reading: Reading): SecretUnits {
  const units: { own: Part[]; records: Unit[] } = { own: [], records: [] };
  for (const part of secretParts(object)) {
    if (pullSecrets.get(text(object['type']) ?? '') === part.name) continue;
    const record = helmUnits(object, part, reading) ?? terraformUnits(object, part);
    if (record === undefined) units.own.push(part);
    else units.records.push(...record);
  }
  return units;
}

/**
 * Registry logins are the matter of a check of their own. The other built-in types need no exemption: nothing in a
 * certificate, an SSH key or a token looks like a cloud key, and whoever hides one beside them is found.
 */
const pullSecrets: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockercfg', '.dockercfg'],
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
]);

/** `stringData` only in files: the API server merges it into `data` before admission, so both go by one identity. */
function* secretParts(object: KubernetesObject): Generator<Part> {
  const written = fields(object['stringData']);
  for (const [key, value] of Object.entries(fields(object['data']))) {
    if (typeof value !== 'string' || Object.hasOwn(written, key)) continue;
    yield { ...entryOf({ where: 'key', identity: 'data', pointer: '/data' }, key, value, 'document'), encoded: true };
  }
  for (const [key, value] of Object.entries(written)) {
    if (typeof value === 'string')
      yield entryOf({ where: 'key', identity: 'data', pointer: '/stringData' }, key, value, 'document');
  }
}

/**
 * The values and the manifest of a release; undefined for what is none, whatever its type says. Templates and the chart's
 * defaults are left out: they are the chart's.
 * Source: helm.sh/helm pkg/storage/driver, which stores base64 of gzip of JSON.
 */
function helmUnits(object: KubernetesObject, part: Part, { budget }: Reading): readonly Unit[] | undefined {
  if (object['type'] !== 'helm.sh/release.v1' || part.name !== 'release' || part.encoded !== true) return undefined;
  const written = textOf(Buffer.from(Buffer.from(part.value, 'base64').toString('latin1'), 'base64'), budget);
  const release = written === undefined ? undefined : parseJson(written);
  const manifest = text(own(release, 'manifest'));
  if (manifest === undefined) return undefined;
  const values = JSON.stringify(own(release, 'config') ?? {});
  return [
    [{ ...plain(part), value: values, where: 'the config of this Helm release', identity: `${part.identity}/config` }],
    [
      {
        ...plain(part),
        value: manifest,
        where: 'the manifest of this Helm release',
        identity: `${part.identity}/manifest`,
      },
    ],
  ];
}

/** Source: the kubernetes backend of Terraform, which labels its Secret `tfstate: "true"` and stores gzip of JSON. */
function terraformUnits(object: KubernetesObject, part: Part): readonly Unit[] | undefined {
  if (labelOf(object, 'tfstate') !== 'true' || part.name !== 'tfstate') return undefined;
  return [[{ ...part, where: 'this Terraform state' }]];
}

function plain({ encoded: _decoded, ...part }: Part): Part {
  return part;
}
