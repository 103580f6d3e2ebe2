/**
 * Has TensorFlow take a GPU's memory as it needs it. By itself it takes nearly all at once, and there are two
 * processes that compute: the engine's and a job's. To be called before TensorFlow is loaded.
 */
export function shareGpu(): void {
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/** Hides GPUs from a process that computes nothing with them, such as an import with its threads. */
export function leaveGpu(): void {
  process.env['CUDA_VISIBLE_DEVICES'] = '-1';
}
