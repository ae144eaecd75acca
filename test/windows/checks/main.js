// Runs in Node.js for Windows: loads the checks that the arguments name.
for (const name of process.argv.slice(2)) await import(`./${name}.js`);
