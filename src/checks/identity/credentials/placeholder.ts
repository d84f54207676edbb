/**
 * Whether what a detector matched only stands in for a secret. Asked of the matched secret alone, never of the text around
 * it: else a comment with the word "example" would switch the scan off.
 */
export function isPlaceholder(secret: string): boolean {
  return repeated.test(secret) || markers.test(secret) || template.test(secret);
}

/** Whether a value says where a secret is instead of what it is: a path, or an address in a secret store. */
export function isReference(value: string): boolean {
  return path.test(value) || storeAddress.test(value);
}

const repeated = /^\s*$|^(.)\1*$/;
const markers =
  /change.?me|replace.?me|todo|dummy|placeholder|redacted|example|sample|your[-_ ]?(?:aws|key|secret|token)|xxxx|\*\*\*\*/i;
/** `$(NAME)`, `${NAME}`, `{{ .Values.key }}`, `<key>`, `%KEY%`, `__KEY__`. */
const template = /\$\([^)]*\)|\$\{[^}]*\}|\{\{|^<.*>$|^%.*%$|^__.*__$/;
const path = /^\.{0,2}\/|^[A-Z]:\\/;
/** Vault, vals, 1Password, Berglas, Google, AWS and Azure stores, SOPS ciphertext, Azure Key Vault injection. */
const storeAddress =
  /^(?:vault:|ref\+|op:\/\/|sm:\/\/|projects\/[^/]+\/secrets\/|arn:aws[a-z-]*:(?:secretsmanager|ssm):|@Microsoft\.KeyVault\(|ENC\[AES256_GCM,)|secret-inject@azurekeyvault|@azurekeyvault$/;
