/**
 * The real Ollama, where there is one, with the small real model under two names: with a template that leaves an answer
 * open, and one that closes it.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { sparePort } from '../spare-port.ts'
import { llamaServerMissing, SMOL_GGUF } from './llama-server.ts'
import { type DirectAnswer, type DirectAsk, postJson, type RealServer, type RealStart } from './real-engine.ts'
import { findProgram, RealProcess } from './real-process.ts'

const PROGRAM = findProgram('REALMESH_OLLAMA', 'ollama')

/** Closes all messages but the last, so that a given answer is continued. */
const OPEN =
  '{{- range $i, $_ := .Messages }}{{- $last := eq (len (slice $.Messages $i)) 1 -}}<|im_start|>{{ .Role }}\n{{ .Content }}{{ if not $last }}<|im_end|>\n{{ end }}{{- if and $last (ne .Role "assistant") }}<|im_end|>\n<|im_start|>assistant\n{{ end }}{{- end }}'

export const OLLAMA_MODEL = 'smol:latest'
/** The same weights with the template that Ollama chooses by itself. */
export const OLLAMA_CLOSED_MODEL = 'closed:latest'
export const OLLAMA_CONTEXT = 1_024
/** The same, made with a context that a short story overflows. */
export const OLLAMA_NARROW_MODEL = 'narrow:latest'
export const OLLAMA_NARROW_CONTEXT = 128

/** Why there is no real Ollama here; undefined when there is one. */
export function ollamaMissing(): string | undefined {
  if (PROGRAM === undefined) return 'the real Ollama is not installed (REALMESH_OLLAMA names its program)'
  return llamaServerMissing()
}

let folder: string | undefined
process.on('exit', () => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

/** A started Ollama. The models are made once, and are there again after a restart. */
export async function startOllama({ port }: RealStart = {}): Promise<RealServer> {
  const at = port ?? (await sparePort())
  const url = `http://127.0.0.1:${at}`
  const fresh = folder === undefined
  folder ??= mkdtempSync(join(tmpdir(), 'realmesh-ollama-'))
  const server = await RealProcess.start({
    command: PROGRAM ?? 'ollama',
    args: ['serve'],
    env: { OLLAMA_HOST: `127.0.0.1:${at}`, OLLAMA_MODELS: folder, OLLAMA_NO_CLOUD: '1', HOME: folder },
    url,
    page: '/api/version',
  })
  if (fresh) await makeModels(url)
  return server
}

async function makeModels(url: string): Promise<void> {
  const weights = readFileSync(SMOL_GGUF)
  const digest = `sha256:${createHash('sha256').update(weights).digest('hex')}`
  await fetch(`${url}/api/blobs/${digest}`, { method: 'POST', body: weights })
  const made = {
    files: { 'a.gguf': digest },
    parameters: { num_thread: 1, num_ctx: OLLAMA_CONTEXT },
    stream: false,
  }
  await postJson(`${url}/api/create`, { model: 'closed', ...made })
  const narrow = { ...made.parameters, num_ctx: OLLAMA_NARROW_CONTEXT }
  await postJson(`${url}/api/create`, { model: 'narrow', ...made, parameters: narrow })
  const stop = ['<|im_start|>', '<|im_end|>']
  await postJson(`${url}/api/create`, {
    model: 'smol',
    ...made,
    template: OPEN,
    parameters: { ...made.parameters, stop },
  })
}

/** Ollama's own answer in one piece. */
export async function directOllama({ url }: RealServer, { prompt, maxTokens }: DirectAsk): Promise<DirectAnswer> {
  const answer = (await postJson(`${url}/api/chat`, {
    model: OLLAMA_MODEL,
    messages: [{ role: 'user', content: prompt }],
    options: { num_predict: maxTokens, temperature: 0 },
    stream: false,
  })) as { message: { content: string }; done_reason: string; prompt_eval_count: number; eval_count: number }
  return {
    text: answer.message.content,
    finishReason: answer.done_reason,
    promptTokens: answer.prompt_eval_count,
    completionTokens: answer.eval_count,
  }
}
