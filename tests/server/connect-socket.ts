import { WebSocket, type ClientOptions } from 'ws';
import { socketEntrance, tokenOf } from '../../src/contract/entrance.ts';

/** Opens the socket of a server as its page does, from the address that it printed. */
export function connectSocket(address: string, options?: ClientOptions): WebSocket {
  const { url, protocols } = socketEntrance(address, tokenOf(new URL(address)) ?? '');
  return new WebSocket(url, protocols, options);
}
