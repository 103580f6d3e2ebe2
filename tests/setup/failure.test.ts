import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain, complaintIn, SetupError } from '../../scripts/setup/failure.mjs';
import { selfTest, whyNotGpu } from '../../scripts/setup/self-test.mjs';

function caught(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}

describe('explain', () => {
  it.runIf(process.platform === 'linux')('recognises a full disk by the error of the system', () => {
    const error = caught(() => writeFileSync('/dev/full', 'x'));
    const { code, message } = explain('unpack TensorFlow', error, { cache: '/cache' });
    expect(code).toBe('disk-full');
    expect(message).toMatch(
      /^Could not unpack TensorFlow: the disk is full in \/cache\. Free .* UNRAVEL_CACHE/,
    );
  });

  it.each([
    ['disk-full', 'OSError: [Errno 28] No space left on device'],
    ['disk-full', 'npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write'],
    ['disk-full', '/usr/bin/ld: final link failed: No space left on device'],
    ['network', 'npm error code EAI_AGAIN\nnpm error request to registry failed'],
    [
      'network',
      "NewConnectionError('<HTTPSConnection>: Failed to establish a new connection')\nNo matching distribution",
    ],
    ['no-permission', "EACCES: permission denied, mkdir '/cache'"],
  ])('recognises %s in what a tool prints', (code, output) => {
    const error = explain('go on', { output });
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('\n');
    expect(error.message).toMatch(/^Could not go on: .*run the command again\.$/);
  });

  it('names the folder that may not be written, and what to do', () => {
    const refused = (path: string) => Object.assign(new Error('EACCES'), { code: 'EACCES', path });
    const where = { cache: '/cache' };
    expect(explain('go on', refused('/clone/node_modules/a/deps'), where).message).toMatch(
      /this user may not write in \/clone\/node_modules\/a\. .* a clone of your own/,
    );
    expect(explain('go on', refused('/cache/addon/x'), where).message).toMatch(
      /may not write in \/cache\/addon\. .* UNRAVEL_CACHE/,
    );
    const output = 'npm error code EACCES\nnpm error syscall mkdir\nnpm error path /home/a/.npm/_cacache';
    expect(explain('go on', { output }, { folder: '/clone' }).message).toContain('in /home/a/.npm.');
  });

  it("quotes the tool's own error where it has no better explanation", () => {
    const output =
      'npm error code E404\nnpm error 404 Not Found: left-pad\nnpm error A complete log of this run can be found in: x';
    expect(explain('install', { output }).message).toBe('Could not install: 404 Not Found: left-pad');
  });

  it('keeps an existing explanation', () => {
    const error = new SetupError('no-python', 'Install Python.');
    expect(explain('go on', error)).toBe(error);
  });
});

describe('complaintIn', () => {
  it('is the first error, which causes the others', () => {
    expect(complaintIn('building\nx.cc:3: error: no such type\nmake: *** Error 1\n')).toBe(
      'x.cc:3: error: no such type',
    );
    expect(
      complaintIn('npm error code ETARGET\nnpm error notarget No matching version found for x@9'),
    ).toMatch(/^No m/);
    expect(complaintIn('')).toBe('it gave no reason.');
  });
});

describe('selfTest', () => {
  it('reports that TensorFlow does not run', async () => {
    await expect(selfTest(join(tmpdir(), 'unravel-not-there'))).rejects.toMatchObject({
      code: 'self-test',
      message: expect.stringMatching(/does not run here \(.*Cannot find module.*\)\. Delete/) as string,
    });
  });
});

describe('whyNotGpu', () => {
  const cpu = { device: 'cpu', log: '' } as const;

  it('names the first cause', () => {
    expect(whyNotGpu(cpu, { driver: false, variant: 'cpu' })).toBe('no NVIDIA driver was found');
    expect(whyNotGpu(cpu, { driver: true, variant: 'cpu', refusal: 'the disk is full' })).toBe(
      'the disk is full',
    );
    expect(whyNotGpu(cpu, { driver: true, variant: 'cpu' })).toBe('the CPU build is installed');
    const log = 'W gpu_device.cc:2342] Cannot dlopen some GPU libraries. Please make sure';
    expect(whyNotGpu({ ...cpu, log }, { driver: true, variant: 'gpu' })).toMatch('CUDA libraries');
    const failed = 'failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device';
    expect(whyNotGpu({ ...cpu, log: failed }, { driver: true, variant: 'gpu' })).toMatch(
      'CUDA_ERROR_NO_DEVICE',
    );
  });

  it('is empty where the GPU is used', () => {
    expect(whyNotGpu({ device: 'gpu', log: '' }, { driver: true, variant: 'gpu' })).toBeUndefined();
  });
});
