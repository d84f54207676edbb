import type { Check, ParamMistake } from '../checks/check.ts';
import { own } from '../kubernetes/fields.ts';
import { sameJson } from '../kubernetes/json-patch.ts';
import { fieldPath } from '../kubernetes/json-pointer.ts';
import { mistakesInOwnKind } from '../policy/own-kinds.ts';
import type { AdmissionRequest } from './decode.ts';
import { subjectName } from './message.ts';
import { shorten } from '../kubernetes/shorten.ts';
import { plainText } from './plain-text.ts';
import type { AdmissionResponse } from './respond.ts';

/** A mistake quotes what was written, and that may be long. */
const mistakeLimit = 500;
const countLimit = 50;

/**
 * What is wrong with the ReadinessPolicy or ReadinessExemption that somebody writes. One whose spec stays as it was is let be: an
 * exemption that has expired must still get rid of its finalizers and labels.
 */
export function mistakesInRequest(request: AdmissionRequest, checklist: readonly Check[]): readonly ParamMistake[] {
  const { object, oldObject, now } = request;
  if (oldObject !== undefined && sameJson(own(oldObject, 'spec'), own(object, 'spec'))) return [];
  return mistakesInOwnKind(object, now, checklist);
}

/** Refuses it, every mistake with its field. */
export function respondToMistakes(request: AdmissionRequest, mistakes: readonly ParamMistake[]): AdmissionResponse {
  const causes = mistakes.slice(0, countLimit).map(({ pointer, message }) => ({
    field: fieldPath(pointer),
    reason: 'FieldValueInvalid',
    message: shorten(plainText(message), mistakeLimit),
  }));
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  const more = mistakes.length > causes.length ? [`  … and ${mistakes.length - causes.length} more`] : [];
  const lines = causes.map(({ field, message }) => `  ✗ ${field === '' ? '' : `${plainText(field)}: `}${message}`);
  const message = [`${subjectName(request)}: ${count}`, '', ...lines, ...more].join('\n');
  return {
    uid: request.uid,
    allowed: false,
    status: { code: 403, reason: 'Forbidden', message, details: { causes } },
    auditAnnotations: { decision: 'denied', mistakes: causes.map(({ field }) => field).join(',') },
  };
}
