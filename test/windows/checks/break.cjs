// Emits the signal of Ctrl-Break, which Wine 8 cannot send, when the command has printed something.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (...args) => {
  setTimeout(() => process.emit('SIGBREAK', 'SIGBREAK'), 100);
  return write(...args);
};
