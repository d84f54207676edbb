import { expect, test } from 'vitest';
import { renderTable } from '../../../src/audit/reporters/table.ts';
import type { ObjectReport } from '../../../src/audit/report.ts';
import { fullReport } from './report-kit.ts';

test('reads well', async () => {
  await expect(renderTable(await fullReport(), { color: false })).toMatchFileSnapshot('snapshots/report.txt');
});

test('colours are added to the same text', async () => {
  const report = await fullReport();
  const colored = renderTable(report, { color: true });
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it is about
  expect(colored).toMatch(/\u001B\[31m/);
  // oxlint-disable-next-line no-control-regex
  expect(colored.replaceAll(/\u001B\[\d+m/g, '')).toBe(renderTable(report, { color: false }));
});

test('all but places keeps to 100 columns', async () => {
  const lines = renderTable(await fullReport(), { color: false }).split('\n');
  expect(lines.filter((line) => line.length > 100 && !line.startsWith('Note: '))).toEqual([]);
});

test('nothing that stands in a file can command the terminal or the CI system', async () => {
  const report = await fullReport();
  const [one] = report.reports;
  const hostile = { ...(one as ObjectReport).place, name: 'x\u001B[2J\n::error::all is well\u202E' };
  const table = renderTable({ ...report, reports: [{ ...(one as ObjectReport), place: hostile }] }, { color: false });
  expect(table).toContain('Deployment shop/x\uFFFD[2J\uFFFD::error::all is well\uFFFD (production)');
});

test('a report without findings is one line', async () => {
  const report = { ...(await fullReport()), reports: [], warnings: [] };
  expect(renderTable(report, { color: false })).toBe('No findings: 7 objects in 1 file, policy test.\n');
});
