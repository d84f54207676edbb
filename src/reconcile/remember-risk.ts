/** Milliseconds: looking again costs a list of every CustomResourceDefinition. */
const memory = 600_000;

/**
 * Asks about a namespace once in ten minutes where there was a reason against closing it, and says that reason once.
 * @param now milliseconds of any clock
 */
export function rememberRisk(
  ask: (namespace: string) => Promise<string | undefined>,
  now: () => number,
  say: (namespace: string, risk: string) => void,
): (namespace: string) => Promise<string | undefined> {
  const known = new Map<string, { readonly risk: string; readonly until: number }>();
  return async (namespace) => {
    for (const [name, { until }] of known) if (until <= now()) known.delete(name);
    const remembered = known.get(namespace);
    if (remembered !== undefined) return remembered.risk;
    const risk = await ask(namespace);
    if (risk !== undefined) {
      known.set(namespace, { risk, until: now() + memory });
      say(namespace, risk);
    }
    return risk;
  };
}
