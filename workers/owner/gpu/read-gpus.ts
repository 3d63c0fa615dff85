/**
 * Asks the vendors' own tools for the GPUs of this machine. A tool that is missing, slow or odd counts as "no such
 * GPU".
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { GpuReader, GpuReading } from './gpu-reading.ts'
import { AMD_SMI_ARGS, parseAmdSmi, parseRocmSmi, ROCM_SMI_ARGS } from './parse-amd-smi.ts'
import { NVIDIA_SMI_ARGS, NVIDIA_SMI_PROCESS_ARGS, parseNvidiaProcesses, parseNvidiaSmi } from './parse-nvidia-smi.ts'
import { parseSystemProfiler, SYSTEM_PROFILER_ARGS } from './parse-system-profiler.ts'

/** Runs a program without a shell and gives what it prints. Rejects when it is missing, fails or takes too long. */
export type RunTool = (file: string, args: readonly string[]) => Promise<string>

interface GpuSource {
  readonly platform?: NodeJS.Platform
  readonly read: (run: RunTool) => Promise<readonly GpuReading[]>
}

/** A driver that hangs must not hold the node; a first call wakes the card and takes a second. */
const TOOL_TIMEOUT_MS = 4_000
/** A hundred GPUs take a few kilobytes. */
const TOOL_MAX_BYTES = 1024 * 1024

const SOURCES: readonly GpuSource[] = [
  { read: nvidia },
  { read: async (run) => parseAmdSmi(await run('amd-smi', AMD_SMI_ARGS)) },
  { read: async (run) => parseRocmSmi(await run('rocm-smi', ROCM_SMI_ARGS)) },
  {
    platform: 'darwin',
    read: async (run) => parseSystemProfiler(await run('system_profiler', SYSTEM_PROFILER_ARGS)),
  },
]

/**
 * Reads the GPUs of this machine; none is normal and no error. After the first time only the tools that knew something
 * are asked: cheap enough for every few seconds.
 */
export function systemGpuReader(run: RunTool = runTool, platform: NodeJS.Platform = process.platform): GpuReader {
  let useful = SOURCES.filter((source) => source.platform === undefined || source.platform === platform)
  let first = true
  return {
    read: async () => {
      const results = await Promise.all(useful.map(async (source) => ({ source, gpus: await readOne(source, run) })))
      if (first) useful = withoutTwins(results.filter(({ gpus }) => gpus.length > 0)).map(({ source }) => source)
      first = false
      return results.filter(({ source }) => useful.includes(source)).flatMap(({ gpus }) => gpus)
    },
  }
}

/** amd-smi and rocm-smi tell of the same cards: of each vendor the first source that knows some is kept. */
function withoutTwins<T extends { readonly gpus: readonly GpuReading[] }>(results: readonly T[]): readonly T[] {
  const seen = new Set<string>()
  return results.filter(({ gpus }) => {
    const vendor = gpus[0]?.vendor ?? ''
    if (seen.has(vendor)) return false
    seen.add(vendor)
    return true
  })
}

async function readOne(source: GpuSource, run: RunTool): Promise<readonly GpuReading[]> {
  try {
    return await source.read(run)
  } catch {
    return [] // Missing, failing, or words that we do not know: for us there is no such GPU.
  }
}

async function nvidia(run: RunTool): Promise<readonly GpuReading[]> {
  const gpus = parseNvidiaSmi(await run('nvidia-smi', NVIDIA_SMI_ARGS))
  if (gpus.length === 0) return gpus
  try {
    const processes = parseNvidiaProcesses(await run('nvidia-smi', NVIDIA_SMI_PROCESS_ARGS))
    return gpus.map((gpu) => ({ ...gpu, processes }))
  } catch {
    return gpus // Some drivers do not list programs; utilisation still tells.
  }
}

const execFileAsync = promisify(execFile)

async function runTool(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execFileAsync(file, [...args], {
    timeout: TOOL_TIMEOUT_MS,
    maxBuffer: TOOL_MAX_BYTES,
    killSignal: 'SIGKILL',
    windowsHide: true,
    encoding: 'utf8',
  })
  return stdout
}
