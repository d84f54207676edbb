import { at, fields, list, own, text } from '../../../kubernetes/fields.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../../../kubernetes/pod-template.ts';
import { annotationUnits, mapUnit } from './map-units.ts';
import { mayNameSecret } from './named-secrets.ts';
import { holdsSuspect, mayHoldSecret } from './suspicion.ts';
import type { Part, Place, Unit } from './unit.ts';

/** Every value that an author can write into a pod template, but for units in which nothing is suspect. */
export function workloadUnits(template: PodTemplate): readonly Unit[] {
  const units: Unit[] = [];
  for (const one of template.containers) units.push(...containerUnits(one));
  // A Pod's own annotations are the object's.
  if (template.pointer !== '') {
    const pointer = `${template.pointer}/metadata/annotations`;
    const place = { where: 'template annotation', identity: 'template/annotation', pointer };
    units.push(...annotationUnits(template.annotations, place));
  }
  collectVolumes(units, template);
  return units;
}

export function containerUnits(one: PodContainer): Unit[] {
  const { container, pointer } = one;
  const units: Unit[] = [];
  const place = placeOf(one);
  if (list(container.env).some(isSuspect)) units.push(environmentUnit(one));
  if (holdsSuspect(container.command) || holdsSuspect(container.args)) units.push(commandLines(one));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (holdsSuspect(container[probe])) units.push(...handlerUnits(container[probe], below(place, probe)));
  }
  if (holdsSuspect(container.lifecycle)) {
    const lifecycle = { ...place, pointer: `${pointer}/lifecycle` };
    for (const hook of ['postStart', 'preStop'] as const)
      units.push(...handlerUnits(own(container.lifecycle, hook), below(lifecycle, hook)));
  }
  return units;
}

function placeOf({ name, pointer }: PodContainer): Place {
  return { where: `container "${name}"`, identity: `container/${name}`, pointer };
}

/** The values of its variables, with what the command line says of them. */
export function environmentUnit(one: PodContainer): Unit {
  return [...namedValues(one.container.env, below(placeOf(one), 'env')), ...hints(one)];
}

function commandLines(one: PodContainer, holds: Part['holds'] = 'document'): Unit {
  const place = placeOf(one);
  return [
    ...commandLine(one.container.command, below(place, 'command'), holds),
    ...commandLine(one.container.args, below(place, 'args'), holds),
  ];
}

/** What the command line says of the keys in the environment: where the object store is. */
function hints(one: PodContainer): Unit {
  const words = [...list(one.container.command), ...list(one.container.args)];
  if (!words.some((word) => typeof word === 'string' && /endpoint/i.test(word))) return [];
  return commandLines(one, 'hint');
}

function isSuspect(variable: unknown): boolean {
  const { name, value } = fields(variable);
  return typeof value === 'string' && (mayHoldSecret(value) || (typeof name === 'string' && mayNameSecret(name)));
}

/** Entries of a name and a literal value; what `valueFrom` refers to is in another object. */
function namedValues(entries: unknown, place: Place): Unit {
  return list(entries).flatMap((entry, index): readonly Part[] => {
    const name = text(own(entry, 'name'));
    const value = text(own(entry, 'value'));
    if (name === undefined || !value) return [];
    return [
      {
        name,
        value,
        where: `${place.where} ${name}`,
        identity: `${place.identity}/${name}`,
        pointer: `${place.pointer}/${index}/value`,
        holds: 'value',
      },
    ];
  });
}

/** The elements; one that follows a flag (`--secret-key`, `…`) goes by its name. */
function commandLine(words: unknown, place: Place, holds: Part['holds'] = 'document'): Unit {
  return list(words).flatMap((word, index, all): readonly Part[] => {
    if (typeof word !== 'string') return [];
    const before = all[index - 1];
    const name = typeof before === 'string' && before.startsWith('-') ? before.replace(/^-+/, '') : '';
    const where = `${place.where}[${index}]`;
    return [{ ...place, where, name, value: word, pointer: `${place.pointer}/${index}`, holds }];
  });
}

/** What a probe or hook runs, and what it sends. */
function handlerUnits(handler: unknown, place: Place): readonly Unit[] {
  const exec = { ...below(place, 'exec'), where: `${place.where} command`, pointer: `${place.pointer}/exec/command` };
  const header = {
    where: `${place.where} header`,
    identity: `${place.identity}/header`,
    pointer: `${place.pointer}/httpGet/httpHeaders`,
  };
  return [
    commandLine(at(handler, 'exec', 'command'), exec),
    namedValues(at(handler, 'httpGet', 'httpHeaders'), header),
  ];
}

/** Settings that a volume hands to its driver in clear. */
function collectVolumes(units: Unit[], { spec, pointer }: PodTemplate): void {
  list(spec['volumes']).forEach((volume, index) => {
    for (const [driver, settings, word] of inClear) {
      const map = at(volume, driver, settings);
      if (!holdsSuspect(map)) continue;
      const name = text(own(volume, 'name')) ?? '';
      const place = pointerTo(pointer, 'spec', 'volumes', index, driver, settings);
      units.push(mapUnit(map, { where: `volume "${name}" ${word}`, identity: `volume/${name}`, pointer: place }));
    }
  });
}

const inClear = [
  ['csi', 'volumeAttributes', 'attribute'],
  ['flexVolume', 'options', 'option'],
] as const;

function below(place: Place, field: string): Place {
  return {
    where: `${place.where} ${field}`,
    identity: `${place.identity}/${field}`,
    pointer: `${place.pointer}/${field}`,
  };
}
