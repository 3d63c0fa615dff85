/** The small real model as a Hugging Face folder, for engines that read no GGUF: made once, beside the other files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { llamaServerMissing, REAL_ENGINES_FOLDER, SMOL_GGUF } from './llama-server.ts'

const CONVERTER = fileURLToPath(new URL('./gguf_to_folder.py', import.meta.url))
/** Half a gigabyte. */
const FOLDER = join(REAL_ENGINES_FOLDER, 'smol')

/** Why there is no such model here; undefined when it can be made. */
export function modelFolderMissing(): string | undefined {
  return llamaServerMissing()
}

/** The folder. `program`: of an environment that has `transformers` and `gguf`, whose Python then stands beside it. */
export async function modelFolder(program: string): Promise<string> {
  if (existsSync(FOLDER)) return FOLDER
  const half = `${FOLDER}.${process.pid}`
  const python = join(dirname(program), 'python')
  const converter = spawn(python, [CONVERTER, SMOL_GGUF, half], {
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  converter.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said = (said + piece).slice(-2_000)
  })
  const [status] = (await once(converter, 'exit')) as [number | null]
  if (status !== 0) throw new Error(`the model was not turned into a folder:\n${said}`)
  renameSync(half, FOLDER)
  return FOLDER
}
