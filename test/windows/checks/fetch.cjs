// Wine 8 lacks the options of keep-alive, which fetch sets and the program does not.
require('node:net').Socket.prototype.setKeepAlive = function setKeepAlive() {
  return this;
};
