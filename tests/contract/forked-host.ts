import { openParentPort } from '../../src/engine/serving/parent-port.ts';
import { startConformanceHost } from './conformance-host.ts';

// A process that answers its parent as a host answers a client: the other end of the fork's channel.
const host = await startConformanceHost(process.argv[2]!);
const port = openParentPort();
port.onClose(() => process.exit());
host.connect(port);
