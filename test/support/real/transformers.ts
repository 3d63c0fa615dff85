/** The real `transformers serve`, where there is one, with the small real model in a Hugging Face cache of its own. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sparePort } from '../spare-port.ts'
import { modelFolder, modelFolderMissing } from './model-folder.ts'
import type { RealServer, RealStart } from './real-engine.ts'
import { findProgram, RealProcess } from './real-process.ts'

const PROGRAM = findProgram('REALMESH_TRANSFORMERS', 'transformers')

export const TRANSFORMERS_MODEL = 'lab/smol'
/** What stands for the commit that the model was fetched at. */
const REVISION = '0'.repeat(40)

/** Why there is no real `transformers serve` here; undefined when there is one. */
export function transformersMissing(): string | undefined {
  if (PROGRAM === undefined)
    return 'the real transformers serve is not installed (REALMESH_TRANSFORMERS names its program)'
  return modelFolderMissing()
}

export async function startTransformers({ port }: RealStart = {}): Promise<RealServer> {
  const program = PROGRAM ?? 'transformers'
  const at = port ?? (await sparePort())
  const home = mkdtempSync(join(tmpdir(), 'realmesh-transformers-'))
  const model = join(home, 'hub', 'models--lab--smol')
  mkdirSync(join(model, 'refs'), { recursive: true })
  mkdirSync(join(model, 'snapshots'))
  writeFileSync(join(model, 'refs', 'main'), REVISION)
  symlinkSync(await modelFolder(program), join(model, 'snapshots', REVISION))
  const server = await RealProcess.start({
    command: program,
    args: ['serve', '--device', 'cpu', '--host', '127.0.0.1', '--port', `${at}`],
    env: { HF_HOME: home, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' },
    url: `http://127.0.0.1:${at}`,
    page: '/v1/models',
  })
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
