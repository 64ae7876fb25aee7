// Sends one line to a server and returns its reply, for commands that a client has no call for.

import { connect } from 'node:net';

export function sayTo(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(line));
    socket.setEncoding('latin1');
    socket.once('data', (answer: string) => {
      socket.destroy();
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
