// A program that opens many connections and reads nothing: a third send the head of a request byte by byte, a third a whole request, a third ask for
// events. It needs little CPU time, so that it disturbs a benchmark less than the server that it attacks.

import { AF_INET, addressOf, libc, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_NONBLOCK, SOCK_STREAM } from '../load/libc.js';

const BYTE_MS = 1000;
const TURN_MS = 1;
/** Opened without a pause. */
const MOST_A_TURN = 50;

const HEAD = 'HTTP/1.1\r\nHost: localhost\r\n';
const REQUESTS = [`GET /metrics ${HEAD}X: `, `GET /metrics ${HEAD}\r\n`, `GET /api/events ${HEAD}\r\n`].map(bytesOf);
const BYTE = bytesOf('a');

const [port, count, seconds] = process.argv.slice(2).map(Number);
const address = Buffer.allocUnsafeSlow(16).fill(0);
address.writeUInt16LE(AF_INET, 0);
address.writeUInt16BE(port, 2);
address.set([127, 0, 0, 1], 4);

const withoutEnd: number[] = [];
const startedAt = performance.now();
let opened = 0;

const opening = setInterval(() => {
  const due = Math.min(count, Math.ceil((count * (performance.now() - startedAt)) / 1000 / seconds));
  for (let left = MOST_A_TURN; left > 0 && opened < due; left--) open();
  if (opened === count) clearInterval(opening);
}, TURN_MS);
setInterval(() => {
  for (const descriptor of withoutEnd) send(descriptor, BYTE);
}, BYTE_MS);
process.on('message', () => process.send?.({ opened }));
process.on('disconnect', () => process.exit(0));

function open(): void {
  const descriptor = libc.socket(AF_INET, SOCK_STREAM + SOCK_NONBLOCK, 0);
  if (descriptor < 0) throw new Error(`no descriptor for another connection after ${opened}: raise ulimit -n`);
  libc.connect(descriptor, addressOf(address), address.length);
  const kind = opened++ % REQUESTS.length;
  send(descriptor, REQUESTS[kind]);
  if (kind === 0) withoutEnd.push(descriptor);
}

/** Without regard to the outcome: the server may have closed the connection. */
function send(descriptor: number, bytes: Buffer): void {
  libc.send(descriptor, addressOf(bytes), bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
