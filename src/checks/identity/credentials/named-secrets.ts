import type { DetectorId, Hit } from './detectors.ts';
import { entropy } from './entropy.ts';
import { canonicalName } from './names.ts';
import { isPlaceholder, isReference } from './placeholder.ts';
import type { View } from './views.ts';

/** Secrets without a form of their own: the variable's documented name and a value of the documented length. */
const namedSecrets: readonly { readonly detector: DetectorId; readonly name: RegExp; readonly value: RegExp }[] = [
  { detector: 'scaleway', name: /^SCWSECRETKEY$/, value: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
  { detector: 'ibm', name: /^IBMCLOUDAPIKEY$/, value: /^[\w-]{44}$/ },
  { detector: 'hetzner', name: /^HCLOUDTOKEN$/, value: /^[A-Za-z0-9]{64}$/ },
  { detector: 'linode', name: /^LINODETOKEN$/, value: /^[0-9a-f]{64}$/i },
  { detector: 'vultr', name: /^VULTRAPIKEY$/, value: /^[A-Za-z0-9]{36}$/ },
  { detector: 'ovh', name: /^OVH[A-Z0-9]{0,40}SECRET$/, value: /^[A-Za-z0-9]{32}$/ },
  { detector: 'oci', name: /^OCICLIKEYCONTENT$/, value: /^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/ },
  { detector: 'openstack', name: /^OS(?:PASSWORD|APPLICATIONCREDENTIALSECRET)$/, value: /^.{12,}$/ },
  { detector: 'huawei', name: /^(?:HWSECRETKEY|HUAWEICLOUDSDKSK)$/, value: /^[A-Za-z0-9]{40}$/ },
  { detector: 'cloudflare', name: /^CLOUDFLAREAPITOKEN$/, value: /^[\w-]{40}$/ },
];

/** Whether a name can be one of the table, before it is brought to its canonical form: letters beyond ASCII need that first. */
export function mayNameSecret(name: string): boolean {
  return /^(?:TF_VAR_)?(?:SCW|IBMCLOUD|HCLOUD|LINODE|VULTR|OVH|OCI|OS|HW|HUAWEICLOUD|CLOUDFLARE)[_.-]|[^ -~]/i.test(
    name,
  );
}

/** In a part by its own name, and in a document by the names written in it. */
export function* findNamedSecrets(view: View): Generator<Hit> {
  const { part, text } = view;
  if (mayNameSecret(part.name)) {
    const detector = detectorFor(part.name, text);
    if (detector !== undefined) yield { detector, confidence: 'medium', view, index: 0, secret: text };
  }
  if (part.holds === 'value') return;
  for (const { 1: name = '', 2: secret = '', index } of text.matchAll(assignment)) {
    const detector = detectorFor(name, secret);
    if (detector !== undefined) yield { detector, confidence: 'medium', view, index, secret };
  }
}

const assignment =
  /(?<!\w|\w-)((?:TF_VAR_)?(?:SCW|IBMCLOUD|HCLOUD|LINODE|VULTR|OVH|OCI|OS|HW|HUAWEICLOUD|CLOUDFLARE)[_.-][\w.-]{3,40})["']?\s{0,8}[:=]\s{0,8}["']?([^\s"',;]{12,512})/gi;

function detectorFor(name: string, value: string): DetectorId | undefined {
  const canonical = canonicalName(name).replace(/^TFVAR/, '');
  const found = namedSecrets.find((one) => one.name.test(canonical) && one.value.test(value));
  if (found === undefined || isPlaceholder(value) || isReference(value) || entropy(value.slice(0, 512)) < 3.5)
    return undefined;
  return found.detector;
}
