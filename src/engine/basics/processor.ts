import { readFileSync } from 'node:fs';

/** What the processor can do, in the kernel's words; undefined where it is not told (Linux on x64 tells it). */
export function processorFlags(): ReadonlySet<string> | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return flags === undefined ? undefined : new Set(flags.trim().split(/\s+/));
  } catch {
    return undefined;
  }
}

/** Whether the processor multiplies bfloat16, which mixed precision gains by; undefined where it is not told. */
export function multipliesBfloat16(): boolean | undefined {
  const flags = processorFlags();
  return flags && (flags.has('avx512_bf16') || flags.has('amx_bf16'));
}
