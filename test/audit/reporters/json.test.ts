import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { renderJson } from '../../../src/audit/reporters/json.ts';
import { fullReport } from './report-kit.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../../docs/schemas/audit-report.json', import.meta.url), 'utf8'),
) as object;

test.each([true, false])('the report fits its published schema (complete: %s)', async (complete) => {
  const fits = new Ajv({ allErrors: true }).compile(schema);
  fits(JSON.parse(renderJson(await fullReport(complete))));
  expect(fits.errors ?? []).toEqual([]);
});

test('the report says everything of a finding, and something of everything', async () => {
  await expect(renderJson(await fullReport())).toMatchFileSnapshot('snapshots/report.json');
});
