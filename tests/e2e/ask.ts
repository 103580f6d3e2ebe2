import { WebSocket } from 'ws';
import { createClient, type Client } from '../../src/contract/client.ts';
import { socketPort } from '../../src/contract/socket-port.ts';

/** A client of our own beside the page's, to ask the engine what the page should show. */
export async function askServer(url: string): Promise<Client> {
  const address = new URL('/socket', url);
  address.protocol = 'ws:';
  address.search = new URL(url).search;
  const socket = new WebSocket(address, { origin: new URL(url).origin });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return createClient(socketPort(socket));
}
