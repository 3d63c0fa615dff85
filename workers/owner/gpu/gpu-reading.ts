/** One GPU of this machine at one moment. What a tool does not tell is absent. */

export interface GpuReading {
  /** As the tool numbers them, from 0. */
  readonly index: number
  readonly name: string
  readonly vendor: 'nvidia' | 'amd' | 'apple'
  readonly memoryTotalBytes?: number
  readonly memoryUsedBytes?: number
  /** 0 to 100. */
  readonly utilizationPercent?: number
  readonly temperatureC?: number
  readonly powerW?: number
  /** Names of programs that compute on it; absent when the tool does not list them. */
  readonly processes?: readonly string[]
}

/** Reads the GPUs of this machine; none is normal. Never rejects: what cannot be read is not there. */
export interface GpuReader {
  read(): Promise<readonly GpuReading[]>
}
