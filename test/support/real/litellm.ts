/** The real LiteLLM proxy, where there is one, in front of a real llama-server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sparePort } from '../spare-port.ts'
import { LlamaServer, llamaServerMissing } from './llama-server.ts'
import type { RealServer, RealStart } from './real-engine.ts'
import { findProgram, RealProcess } from './real-process.ts'

const PROGRAM = findProgram('REALMESH_LITELLM', 'litellm')

export const LITELLM_KEY = 'sk-lab-1234'
export const LITELLM_MODEL = 'smol'

/** Why there is no real LiteLLM here; undefined when there is one. */
export function liteLlmMissing(): string | undefined {
  if (PROGRAM === undefined) return 'the real LiteLLM is not installed (REALMESH_LITELLM names its program)'
  return llamaServerMissing()
}

/** A started proxy and the engine behind it; both end together. */
export async function startLiteLlm({ port }: RealStart = {}): Promise<RealServer> {
  const behind = await LlamaServer.start()
  const at = port ?? (await sparePort())
  const folder = mkdtempSync(join(tmpdir(), 'realmesh-litellm-'))
  const config = {
    // It refuses to start without a key.
    general_settings: { master_key: LITELLM_KEY },
    model_list: [
      {
        model_name: LITELLM_MODEL,
        litellm_params: { model: 'openai/smol', api_base: `${behind.url}/v1`, api_key: 'none' },
      },
    ],
  }
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config)) // JSON is YAML
  const proxy = await RealProcess.start({
    command: PROGRAM ?? 'litellm',
    args: ['--config', join(folder, 'config.yaml'), '--host', '127.0.0.1', '--port', `${at}`, '--telemetry', 'False'],
    env: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', HOME: folder },
    url: `http://127.0.0.1:${at}`,
    page: '/v1/models',
    headers: { authorization: `Bearer ${LITELLM_KEY}` },
  })
  return {
    url: proxy.url,
    stop: async () => {
      await proxy.stop()
      await behind.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
