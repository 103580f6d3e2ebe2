import { createClient, type Client } from '../../src/contract/client.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import { connectSocket } from '../server/connect-socket.ts';

/** A client of our own beside the page's, to ask the engine what the page should show. */
export async function askServer(url: string): Promise<Client> {
  const socket = connectSocket(url, { origin: new URL(url).origin });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return createClient(socketPort(socket));
}
