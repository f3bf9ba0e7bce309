export async function workerCommand(_options: { queue: string }): Promise<void> {
  await Promise.reject(new Error('soon'));
}
