/**
 * Runs in a current Node what Electron would run in a utility process: gives it `process.parentPort`, then loads
 * the module named on the command line. Messages come in on one descriptor and go out on another (`wire.ts`).
 */
import { EventEmitter } from 'node:events';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';

const [INPUT, OUTPUT] = [3, 4];
const OLD_FORMAT = 13;

class ParentPort extends EventEmitter {
  /**
   * Kept until somebody listens, as Electron keeps them.
   *
   * @type {unknown[]}
   */
  #waiting = [];

  constructor() {
    super();
    this.on('newListener', (name) => {
      if (name === 'message') setImmediate(() => this.start());
    });
  }

  /** @param {unknown} data */
  deliver(data) {
    if (this.listenerCount('message') === 0) this.#waiting.push(data);
    else this.emit('message', { data, ports: [] });
  }

  start() {
    for (const data of this.#waiting.splice(0)) this.deliver(data);
  }

  /**
   * Written before this returns: a process may exit right after its last message.
   *
   * @param {unknown} message
   */
  postMessage(message) {
    const body = serialize(message);
    body[1] = OLD_FORMAT;
    const header = Buffer.alloc(4);
    header.writeUInt32LE(body.length);
    const bytes = Buffer.concat([header, body]);
    for (let written = 0; written < bytes.length;) written += writeSync(OUTPUT, bytes, written);
  }
}

const port = new ParentPort();
Object.defineProperty(process, 'parentPort', { value: port });

let received = Buffer.alloc(0);
const input = new Socket({ fd: INPUT, readable: true, writable: false });
input.on('data', (chunk) => {
  received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
  while (received.length >= 4 && received.length >= 4 + received.readUInt32LE(0)) {
    const end = 4 + received.readUInt32LE(0);
    const message = received.subarray(4, end);
    received = received.subarray(end);
    port.deliver(deserialize(message));
  }
});
// Whoever owns it has gone: Electron ends its utility processes too.
input.on('close', () => process.exit(0));

const [module = '', ...args] = process.argv.slice(2);
process.argv.splice(1, process.argv.length - 1, module, ...args);
await import(pathToFileURL(module).href);
