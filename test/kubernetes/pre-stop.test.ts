import { describe, expect, test } from 'vitest';
import { needsUserland, preStopSleep } from '../../src/kubernetes/pre-stop.ts';

const exec = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } });

describe('how long the hook sleeps', () => {
  test.each<[string, object, number | undefined]>([
    ['no lifecycle', {}, undefined],
    ['lifecycle: null', { lifecycle: null }, undefined],
    ['native', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }, 5],
    ['the program itself', exec('sleep', '20'), 20],
    ['by its path', exec('/bin/sleep', '20'), 20],
    ['in a shell', exec('/bin/sh', '-c', 'sleep 15 && nginx -s quit'), 15],
    ['twice', exec('sh', '-c', 'sleep 5; kill -QUIT 1; sleep 20'), 25],
    ['a script without -c options', exec('bash', '-ec', 'exec sleep 7'), 7],
    ['half a second', exec('sleep', '0.5'), 0.5],
    ['minutes', exec('sleep', '2m'), 120],
    ['one way or the other', exec('sh', '-c', 'test -f /tmp/x && sleep 60 || sleep 5'), undefined],
    ['under a condition', exec('sh', '-c', '[ -f /tmp/x ] && sleep 60; true'), undefined],
    ['under a test', exec('sh', '-c', 'test -f /tmp/x && sleep 60'), undefined],
    ['in the background', exec('sh', '-c', 'sleep 60 & pid=$!; nginx -s quit'), undefined],
    ['with its errors among its output', exec('sh', '-c', 'nginx -s quit 2>&1; sleep 60'), 60],
    ['with a limit on all of it', exec('timeout', '20', 'sh', '-c', 'sleep 60'), undefined],
    ['in a comment', exec('sh', '-c', '# sleep 60 was too long\nsleep 5 # not sleep 9'), 5],
    ['until something happens', exec('sh', '-c', 'while pgrep app; do sleep 1; done'), undefined],
    ['an option of something else', exec('app', '--sleep', '30'), undefined],
    ['a variable', exec('sh', '-c', 'sleep $DELAY'), undefined],
    ['a hook that does something else', exec('nginx', '-s', 'quit'), undefined],
    ['HTTP', { lifecycle: { preStop: { httpGet: { path: '/drain', port: 8080 } } } }, undefined],
  ])('%s', (_title, container, seconds) => {
    expect(preStopSleep(container)).toBe(seconds);
  });
});

test.each<[readonly string[], boolean]>([
  [['sleep', '5'], true],
  [['/bin/sh', '-c', 'true'], true],
  [['/app', 'drain'], false],
  [[], false],
])('%j needs a userland: %s', (command, needs) => {
  expect(needsUserland(command)).toBe(needs);
});
