/** Open WebUI as its browser page uses it: a server of its own, with an account and the gateway as its connection. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { serve } from './serve.mjs'

const COMMAND = fileURLToPath(new URL('../.cache/open-webui/bin/open-webui', import.meta.url))
/** One chunk of this many characters is more than an engine for vectors takes at once. */
const CHUNK = 12_000
/** Between two looks at the server, which takes a minute to begin. */
const LOOK_MS = 500

const data = mkdtempSync(join(tmpdir(), 'open-webui-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

async function sparePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

const site = `http://127.0.0.1:${await sparePort()}`
const child = spawn(COMMAND, ['serve', '--host', '127.0.0.1', '--port', new URL(site).port], {
  cwd: data,
  stdio: ['ignore', 2, 2],
  env: {
    ...process.env,
    DATA_DIR: data,
    WEBUI_SECRET_KEY: 'for tests',
    ENABLE_OLLAMA_API: 'False',
    RAG_EMBEDDING_ENGINE: 'openai',
    CHUNK_SIZE: `${CHUNK}`,
    OFFLINE_MODE: 'True',
    ANONYMIZED_TELEMETRY: 'False',
  },
})
class SiteError extends Error {
  constructor(status, text) {
    super(text)
    this.status = status
  }
}

let token = ''
async function ask(path, body, options = {}) {
  const form = body instanceof FormData
  const response = await fetch(`${site}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(!form && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    ...options,
  })
  if (!response.ok) throw new SiteError(response.status, await response.text())
  return response
}

const json = async (...args) => (await ask(...args)).json()

let connected = ''
/** Makes the address its one connection, for chats and for vectors, and lets it read the list of models. */
async function connect({ base, model }) {
  if (connected === base) return
  await ask('/openai/config/update', {
    ENABLE_OPENAI_API: true,
    OPENAI_API_BASE_URLS: [base],
    OPENAI_API_KEYS: ['none'],
    OPENAI_API_CONFIGS: {},
  })
  await ask('/api/v1/retrieval/embedding/update', {
    RAG_EMBEDDING_ENGINE: 'openai',
    RAG_EMBEDDING_MODEL: model,
    openai_config: { url: base, key: 'none' },
  })
  await ask('/api/models?refresh=true')
  connected = base
}

function chatBody({ model, prompt, maxTokens, schema, effort, image }) {
  const picture = { type: 'image_url', image_url: { url: image } }
  const content = image === undefined ? prompt : [{ type: 'text', text: prompt }, picture]
  return {
    model,
    messages: [{ role: 'user', content }],
    temperature: 0,
    stream: false,
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(schema !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    }),
  }
}

async function chat(task) {
  await connect(task)
  const { choices } = await json('/api/chat/completions', chatBody(task))
  return { text: choices[0].message.content, reasoning: choices[0].message.reasoning_content }
}

async function* deltas(task, options) {
  await connect(task)
  const response = await ask('/api/chat/completions', { ...chatBody(task), stream: true }, options)
  let rest = ''
  for await (const bytes of response.body) {
    rest += Buffer.from(bytes).toString('utf8')
    const lines = rest.split('\n')
    rest = lines.pop()
    for (const line of lines.filter((each) => each.startsWith('data: {'))) {
      const content = JSON.parse(line.slice(6)).choices?.[0]?.delta?.content
      if (content) yield content
    }
  }
}

async function stream(task) {
  const pieces = []
  for await (const piece of deltas(task)) pieces.push(piece)
  return { text: pieces.join(''), pieces: pieces.length }
}

async function schema(task) {
  return { object: JSON.parse((await chat(task)).text) }
}

async function upload(name, text) {
  const form = new FormData()
  form.append('file', new Blob([text], { type: 'text/plain' }), name)
  return json('/api/v1/files/?process_in_background=false', form)
}

/** A short document is read; one long chunk, which the engine refuses, must not take the vectors from the rest. */
async function embeddings(task) {
  connected = ''
  await connect(task)
  const short = await upload('short.txt', 'a rig in the cellar')
  if (short.data?.status === 'failed') throw new Error(`the short document: ${JSON.stringify(short.data)}`)
  for (let i = 0; i < 4; i += 1) {
    const long = await upload('long.txt', `${i} ${'word '.repeat(CHUNK / 5 - 10)}`).catch(() => undefined)
    if (long?.data?.status === 'completed') throw new Error('the engine took the long chunk')
  }
  const { data: entries } = await json('/api/embeddings', { model: task.model, input: task.inputs })
  return { vectors: entries.map(({ embedding }) => embedding) }
}

async function models(task) {
  await connect(task)
  return { models: (await json('/api/models')).data.map(({ id }) => id) }
}

async function abort(task) {
  const leave = new AbortController()
  try {
    for await (const _piece of deltas(task, { signal: leave.signal })) leave.abort()
  } catch (error) {
    if (!leave.signal.aborted) throw error
  }
  return { left: true }
}

async function version() {
  for (;;) {
    if (child.exitCode !== null) throw new Error('Open WebUI ended')
    const page = await fetch(`${site}/api/version`).catch(() => undefined)
    if (page?.ok) return (await page.json()).version
    await pause(LOOK_MS)
  }
}

const itself = await version()
const account = { name: 'a', email: 'a@example.org', password: 'only-4-Tests' }
token = (await json('/api/v1/auths/signup', account)).token
await serve(
  itself,
  { chat, stream, schema, vision: chat, reasoning: chat, embeddings, models, abort },
  ({ status }) => ({ status }),
)
child.kill('SIGKILL')
process.exit()
