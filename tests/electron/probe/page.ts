/** The probe's page: keeps what comes over the port where a test can read it. */

declare global {
  interface Window {
    readonly probe: { connect(): void; pathsOf(files: readonly File[]): string[] };
    probeReceived: unknown[];
    probePaths: string[] | undefined;
    probeToday: unknown;
    probeSend: (message: unknown) => void;
    probeEcho: () => unknown;
  }
}

const received: unknown[] = [];
let port: MessagePort | undefined;

window.addEventListener('message', ({ data, ports }) => {
  if (data !== 'port') return;
  port = ports[0];
  if (port) port.onmessage = (event) => received.push(event.data);
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  window.probePaths = window.probe.pathsOf([...(event.dataTransfer?.files ?? [])]);
});
document.querySelector('#ask')?.addEventListener('click', () => {
  port?.postMessage({ z: new Float32Array([1, NaN, -0.5]), nothing: undefined, list: [1, 'two', null] });
});

window.probeReceived = received;
window.probeToday = {
  at: [1, 2, 3].at(-1),
  weakRef: new WeakRef(received).deref() === received,
  clone: structuredClone(new Set([1])).has(1),
};
window.probeSend = (message) => port?.postMessage(message);
window.probeEcho = () => (received[0] as { echo: { z: unknown } }).echo.z;
window.probe.connect();

export {};
