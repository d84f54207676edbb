import type { Check } from '../../src/checks/check.ts';
import { checks } from '../../src/checks/index.ts';
import { type Fixture, loadFixtures } from '../fixtures/load-fixture.ts';
import { evaluateFixture, renderFinding } from './render-checklist.ts';

const head = `# Every message

<!-- Written by \`npm run docs\` from the registry and the fixtures; edits here are lost. -->

What each check says about each of its fail fixtures, under the comment that stands on top of the fixture.`;

/** docs/messages.md: every message that a fail fixture brings about, to be read in one sitting as the developer who gets it. */
export function renderMessages(): string {
  return `${[head, ...checks.map(renderCheck)].join('\n\n')}\n`;
}

function renderCheck(check: Check): string {
  const cases = loadFixtures(`${check.id}/fail/*.yaml`).map((fixture) => renderCase(check, fixture));
  return [`## ${check.id}`, ...cases].join('\n\n');
}

function renderCase(check: Check, fixture: Fixture): string {
  const lines = evaluateFixture(check, fixture).flatMap((finding) => renderFinding(check, finding));
  return `${fixture.title}\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\``;
}
