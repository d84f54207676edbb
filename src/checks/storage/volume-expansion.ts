import { csiDriver } from '../../kubernetes/csi-drivers.ts';
import { provisionerOf } from '../../kubernetes/csi-topology.ts';
import { defineCheck } from '../check.ts';

interface Params {
  /** Whether a patch may touch classes that exist already. */
  patchExisting: boolean;
}

const pointer = '/allowVolumeExpansion';

export const volumeExpansion = defineCheck<Params>({
  id: 'storage/volume-expansion',
  title: 'Volumes can grow',
  why: 'a full disk can then only be mended by moving its data to a new and larger volume, with the service down',
  prevents: [
    'persistentvolumeclaims "…" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    'No space left on device, in a database that cannot be given more',
  ],
  remedy:
    'Set allowVolumeExpansion: true. The field can be changed at any time, and holds for the volumes that exist already. ' +
    'Drivers that cannot grow a volume (local disks, file systems without a size) are not asked for it.',
  severity: 'medium',
  kinds: ['storage.k8s.io/StorageClass'],
  reads: {},
  params: {
    schema: {
      type: 'object',
      properties: { patchExisting: { type: 'boolean' } },
      required: [],
      additionalProperties: false,
    },
    defaults: { patchExisting: false },
  },
  *evaluate({ object }) {
    const provisioner = provisionerOf(object);
    if (object['allowVolumeExpansion'] === true || cannotGrow.test(provisioner)) return;
    const chosen = object['allowVolumeExpansion'] === false;
    yield {
      identity: 'allowVolumeExpansion',
      path: pointer,
      message: chosen
        ? `allowVolumeExpansion: false keeps ${provisioner} volumes from growing`
        : `no allowVolumeExpansion, so ${provisioner} volumes cannot grow`,
      fix: 'Let claims ask for more, if the driver can grow volumes:\nallowVolumeExpansion: true',
      // Whether a driver that nobody has told us about can grow a volume is not known.
      atMost: csiDriver(provisioner) === undefined ? 'Audit' : 'Warn',
    };
  },
  /** API defaulting leaves the field alone, so a false is somebody's word. */
  patch({ object, operation }, { patchExisting }) {
    const provisioner = provisionerOf(object);
    if ((object['allowVolumeExpansion'] ?? undefined) !== undefined || cannotGrow.test(provisioner)) return [];
    if (csiDriver(provisioner) === undefined || (operation === 'UPDATE' && !patchExisting)) return [];
    return [{ op: 'add', path: pointer, value: true }];
  },
});

/** Local disks and folders that are as large as their node makes them, and file systems that have no size. */
const cannotGrow =
  /^(kubernetes\.io\/no-provisioner|rancher\.io\/local-path|openebs\.io\/local|hostpath\.csi\.k8s\.io|.*\/(minikube-)?hostpath|efs\.csi\.aws\.com|s3\.csi\.aws\.com|gcsfuse\.csi\.storage\.gke\.io|(nfs|smb)\.csi\.k8s\.io|cluster\.local\/(.*-)?nfs-.*)$/;
