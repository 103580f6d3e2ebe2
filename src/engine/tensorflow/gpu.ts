/**
 * Makes TensorFlow allocate a GPU's memory on demand. By default it allocates nearly all at once, but the engine's
 * process and a job's process share the GPU. Must be called before TensorFlow is loaded.
 */
export function shareGpu(): void {
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/** Hides GPUs from a process that does not need them, such as an import. */
export function leaveGpu(): void {
  process.env['CUDA_VISIBLE_DEVICES'] = '-1';
}
