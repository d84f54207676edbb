// Plain JavaScript: it must run, and say what is wrong, on the very versions that cannot run the rest.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `daytwo needs Node.js 24 or newer, and this is ${process.version}. On Linux \`npm ci\` brings one for the npm scripts ` +
      '(unless it was told to omit optional dependencies); elsewhere install it from nodejs.org.',
  );
  process.exit(2);
}
