import { EventEmitter } from 'node:events';
import { spawn } from 'node:child_process';
import type { ForkOptions, UtilityProcess } from 'electron';
import { describe, expect, it } from 'vitest';
import { utilityProcesses } from '../../src/main/processes.ts';

class FakeUtilityProcess extends EventEmitter {
  pid: number | undefined = undefined;
  readonly posted: unknown[] = [];
  isAsked = false;
  postMessage = (message: unknown): void => void this.posted.push(message);
  kill = (): boolean => (this.isAsked = true);
}

function setUp(): { child: FakeUtilityProcess; forked: [string, string[], ForkOptions][] } & {
  started: ReturnType<ReturnType<typeof utilityProcesses>>;
} {
  const child = new FakeUtilityProcess();
  const forked: [string, string[], ForkOptions][] = [];
  const start = utilityProcesses(
    (...given) => {
      forked.push(given);
      return child as unknown as UtilityProcess;
    },
    { engine: '/out/engine.js', job: '/out/job.js' },
  );
  return { child, forked, started: start('engine', ['--workspace', '/w']) };
}

describe('a utility process', () => {
  it('is started from the build, and logs only important messages', () => {
    const { forked } = setUp();
    expect(forked).toMatchObject([
      ['/out/engine.js', ['--workspace', '/w'], { serviceName: 'Unravel engine', stdio: 'inherit' }],
    ]);
    expect(forked[0]![2].env).toMatchObject({ TF_CPP_MIN_LOG_LEVEL: '2' });
  });

  it('receives messages over its own channel until it has exited', () => {
    const { child, started } = setUp();
    const [heard, exits, ends] = [[] as unknown[], [] as unknown[], [] as unknown[]];
    started.port.onMessage((message) => heard.push(message));
    started.port.onClose(() => ends.push('closed'));
    started.onExit((exit) => exits.push(exit));
    started.port.post('asked');
    child.emit('message', 'answered');
    child.emit('exit', 139);
    started.port.post('too late');
    expect([child.posted, heard, exits, ends]).toEqual([
      ['asked'],
      ['answered'],
      [{ code: 139, signal: null }],
      ['closed'],
    ]);
  });

  it("is killed with SIGKILL, or by Electron's kill before it has a process id", async () => {
    const { child, started } = setUp();
    started.kill();
    expect(child.isAsked).toBe(true);
    // A real process that does not listen to being asked.
    const busy = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); for (;;);"]);
    child.pid = busy.pid;
    expect(started.pid).toBe(busy.pid);
    const gone = new Promise((resolve) => busy.once('exit', (_code, signal) => resolve(signal)));
    started.kill();
    expect(await gone).toBe('SIGKILL');
    // It is gone: killing it again is no fault.
    started.kill();
  });
});
