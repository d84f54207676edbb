import { certificateFiles } from '../certs/certificate-files.ts';
import { describeCertificate } from '../certs/describe-certificate.ts';
import { ensureCertificates } from '../certs/ensure-certificates.ts';
import { issueServingCertificate, serviceNames } from '../certs/serving-certificate.ts';
import { OperatorError } from '../errors.ts';
import type { ExitCode, Io } from './io.ts';

export interface CertsOptions {
  /** `issue` what is missing or due, `renew` the serving certificate whatever its age, or only `inspect`. */
  readonly action: 'issue' | 'renew' | 'inspect';
  readonly folder: string;
  readonly service: string;
  readonly namespace: string;
  /** DNS names and IP addresses besides those of the Service and of this machine. */
  readonly names: readonly string[];
}

/** `daytwo certs`: local certificates for a webhook outside a cluster. It never shows a key. */
export async function runCerts(options: CertsOptions, io: Io): Promise<ExitCode> {
  const { action, folder } = options;
  if (action === 'issue') await issue(options, io);
  if (action === 'renew') await renew(options, io);
  const stored = await certificateFiles(folder).read();
  if (stored === undefined) throw new OperatorError(`${folder}: no certificates; make some with: daytwo certs issue`);
  io.stdout(render('authority', `${folder}/ca.crt`, stored.caBundle));
  io.stdout(render('serving certificate', `${folder}/tls.crt`, stored.certificate));
  return 0;
}

async function issue(options: CertsOptions, io: Io): Promise<void> {
  const { issued } = await ensureCertificates(certificateFiles(options.folder), namesOf(options), Date.now());
  io.stdout(issued.length === 0 ? 'nothing is due\n' : issued.map((what) => `issued ${what}\n`).join(''));
}

async function renew(options: CertsOptions, io: Io): Promise<void> {
  const store = certificateFiles(options.folder);
  const names = namesOf(options);
  await ensureCertificates(store, names, Date.now());
  const stored = await store.read();
  if (stored === undefined) throw new OperatorError(`${options.folder}: somebody removed the certificates just now`);
  const authority = { certificate: stored.caBundle, key: stored.caKey };
  const leaf = await issueServingCertificate(authority, names, Date.now());
  if (!(await store.write({ ...stored, ...leaf }, stored))) {
    throw new OperatorError(`${options.folder}: somebody else wrote certificates just now; look at them and try again`);
  }
  io.stdout('issued serving certificate: as asked\n');
}

function namesOf({ service, namespace, names }: CertsOptions): readonly string[] {
  return serviceNames(service, namespace, ...names);
}

function render(title: string, file: string, pem: string): string {
  const { subject, names, serialNumber, notBefore, notAfter } = describe(file, pem);
  const rows = [
    ['subject', subject],
    ...(names.length === 0 ? [] : [['names', names.join(', ')]]),
    ['serial', serialNumber],
    ['valid', `${day(notBefore)} to ${day(notAfter)}`],
  ];
  return `${title} (${file})\n${rows.map(([key = '', value]) => `  ${key.padEnd(8)} ${value}\n`).join('')}`;
}

function describe(file: string, pem: string): ReturnType<typeof describeCertificate> {
  try {
    return describeCertificate(pem);
  } catch {
    throw new OperatorError(`${file}: not a certificate; delete it and run: daytwo certs issue`);
  }
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
}
