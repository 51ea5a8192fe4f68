export const megabyte = 1024 * 1024;

/** `38 MB`, `1.2 GB` */
export function memoryWords(bytes: number): string {
  const megabytes = Math.round(bytes / megabyte);
  return megabytes < 1000 ? `${megabytes} MB` : `${(bytes / (1024 * megabyte)).toFixed(1)} GB`;
}

/** `12 %` of one core. */
export function cpuWords(percent: number): string {
  return `${Math.round(percent)} %`;
}
