import { at, list, own, text } from '../../../kubernetes/fields.ts';
import { pointerTo } from '../../../kubernetes/json-pointer.ts';
import type { PodContainer, PodTemplate } from '../../../kubernetes/pod-template.ts';
import { annotationUnits, mapUnit } from './map-units.ts';
import type { Part, Place, Unit } from './unit.ts';

/** Every value that an author can write into a pod template. */
export function* workloadUnits(template: PodTemplate): Generator<Unit> {
  for (const container of template.containers) yield* containerUnits(container);
  // A Pod's own annotations are the object's.
  if (template.pointer !== '') {
    const pointer = `${template.pointer}/metadata/annotations`;
    yield* annotationUnits(template.annotations, {
      where: 'template annotation',
      identity: 'template/annotation',
      pointer,
    });
  }
  yield* volumeUnits(template);
}

export function* containerUnits({ container, name, pointer }: PodContainer): Generator<Unit> {
  const place = { where: `container "${name}"`, identity: `container/${name}`, pointer };
  yield envUnit(container.env, below(place, 'env'));
  yield [
    ...commandLine(container.command, below(place, 'command')),
    ...commandLine(container.args, below(place, 'args')),
  ];
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    if (container[probe]) yield* handlerUnits(container[probe], below(place, probe));
  }
  for (const hook of ['postStart', 'preStop'] as const) {
    const handler = own(container.lifecycle, hook);
    if (handler) yield* handlerUnits(handler, { ...below(place, hook), pointer: `${pointer}/lifecycle/${hook}` });
  }
}

/** Literal values alone: what `valueFrom` refers to is in another object. */
function envUnit(env: unknown, place: Place): Unit {
  const unit: Part[] = [];
  list(env).forEach((variable, index) => {
    const name = text(own(variable, 'name'));
    const value = text(own(variable, 'value'));
    if (name === undefined || !value) return;
    unit.push({
      name,
      value,
      where: `${place.where} ${name}`,
      identity: `${place.identity}/${name}`,
      pointer: `${place.pointer}/${index}/value`,
      holds: 'value',
    });
  });
  return unit;
}

/** The elements; one that follows a flag (`--secret-key`, `…`) goes by its name. */
function commandLine(words: unknown, place: Place): Unit {
  return list(words).flatMap((word, index, all): readonly Part[] => {
    if (typeof word !== 'string') return [];
    const before = all[index - 1];
    const name = typeof before === 'string' && before.startsWith('-') ? before.replace(/^-+/, '') : '';
    return [{ ...place, name, value: word, pointer: `${place.pointer}/${index}`, holds: 'document' }];
  });
}

/** What a probe or hook runs or sends. */
function* handlerUnits(handler: unknown, place: Place): Generator<Unit> {
  const exec = { ...below(place, 'exec'), pointer: `${place.pointer}/exec/command` };
  yield commandLine(at(handler, 'exec', 'command'), exec);
  const headers: Part[] = [];
  list(at(handler, 'httpGet', 'httpHeaders')).forEach((header, index) => {
    const name = text(own(header, 'name'));
    const value = text(own(header, 'value'));
    if (name === undefined || value === undefined) return;
    headers.push({
      name,
      value,
      where: `${place.where} header ${name}`,
      identity: `${place.identity}/header/${name}`,
      pointer: `${place.pointer}/httpGet/httpHeaders/${index}/value`,
      holds: 'value',
    });
  });
  yield headers;
}

/** Settings that a volume hands to its driver in clear. */
function* volumeUnits({ spec, pointer }: PodTemplate): Generator<Unit> {
  for (const [index, volume] of list(spec['volumes']).entries()) {
    const name = text(own(volume, 'name')) ?? '';
    for (const [driver, settings] of [
      ['csi', 'volumeAttributes'],
      ['flexVolume', 'options'],
    ] as const) {
      const map = at(volume, driver, settings);
      if (map === undefined) continue;
      const place = pointerTo(pointer, 'spec', 'volumes', index, driver, settings);
      yield mapUnit(map, { where: `volume "${name}" ${settings}`, identity: `volume/${name}`, pointer: place });
    }
  }
}

function below(place: Place, field: string): Place {
  return {
    where: `${place.where} ${field}`,
    identity: `${place.identity}/${field}`,
    pointer: `${place.pointer}/${field}`,
  };
}
