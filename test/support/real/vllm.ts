/**
 * The real vLLM on the CPU, where there is one, with the small real model as a Hugging Face folder, which
 * `gguf_to_folder.py` makes once of the GGUF.
 */
import { sparePort } from '../spare-port.ts'
import { modelFolder, modelFolderMissing } from './model-folder.ts'
import type { RealServer, RealStart } from './real-engine.ts'
import { findProgram, RealProcess } from './real-process.ts'

const PROGRAM = findProgram('REALMESH_VLLM', 'vllm')

export const VLLM_MODEL = 'smol'
export const VLLM_CONTEXT = 2_048

/** Why there is no real vLLM here; undefined when there is one. */
export function vllmMissing(): string | undefined {
  if (PROGRAM === undefined) return 'the real vLLM is not installed (REALMESH_VLLM names its program)'
  return modelFolderMissing()
}

/** A started server. `flags`: beside those for a small machine. */
export async function startVllm({ port }: RealStart = {}, flags: readonly string[] = []): Promise<RealServer> {
  const program = PROGRAM ?? 'vllm'
  const at = port ?? (await sparePort())
  const folder = await modelFolder(program)
  const small = ['--enforce-eager', '--dtype', 'float32', '--max-num-seqs', '2']
  return await RealProcess.start({
    command: program,
    args: [
      ...['serve', folder, '--served-model-name', VLLM_MODEL, '--host', '127.0.0.1', '--port', `${at}`],
      ...['--max-model-len', `${VLLM_CONTEXT}`, ...small, ...flags],
    ],
    env: {
      VLLM_CPU_KVCACHE_SPACE: '1',
      VLLM_CPU_OMP_THREADS_BIND: 'nobind',
      OMP_NUM_THREADS: '1',
      TORCH_COMPILE_DISABLE: '1',
      HF_HUB_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
    },
    url: `http://127.0.0.1:${at}`,
    page: '/v1/models',
  })
}
