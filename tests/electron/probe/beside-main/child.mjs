process.parentPort.on('message', (/** @type {{ data: unknown }} */ { data }) => {
  if (data === 'leave') {
    process.parentPort.postMessage({ leaving: true });
    process.exit(7);
  }
  process.parentPort.postMessage({ node: process.versions.node, argv: process.argv.slice(2), echo: data });
});
