import { readFileSync } from 'node:fs';

/** The processor's features by the kernel's names for them. Known on Linux on x64 only; undefined elsewhere. */
export function processorFlags(): ReadonlySet<string> | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return flags === undefined ? undefined : new Set(flags.trim().split(/\s+/));
  } catch {
    return undefined;
  }
}

/**
 * Whether the processor has bfloat16 instructions, without which mixed precision is no faster; undefined if
 * unknown.
 */
export function multipliesBfloat16(): boolean | undefined {
  const flags = processorFlags();
  return flags && (flags.has('avx512_bf16') || flags.has('amx_bf16'));
}
