/**
 * The real llama.cpp with a model that the project writes itself. `node scripts/install-llama.mjs` installs it; where
 * it is missing the tests are skipped.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ChatBody, EmbedQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { LlamaEngine } from '../../engines/llama/llama.ts'
import { collect, textOf } from '../support/collect.ts'
import { chatQuery } from '../support/query.ts'
import { skip } from '../support/skip.ts'

const MAIN_FILE = fileURLToPath(new URL('./node_modules/node-llama-cpp/dist/index.js', import.meta.url))

interface TinyGguf {
  tinyGguf(options?: { loop?: boolean }): Buffer
  tinyAnswer(): string
}

const { tinyGguf, tinyAnswer } = (await import(
  new URL('../../scripts/make-tiny-gguf.mjs', import.meta.url).href
)) as TinyGguf

describe('the real llama.cpp', () => {
  const never = new AbortController().signal
  /** One process per kind of engine, as each takes seconds to start on a busy machine. */
  const engines = new Map<string, LlamaEngine>()
  let folder: string

  before(function () {
    if (!existsSync(MAIN_FILE)) skip(this, 'llama.cpp is not installed (node scripts/install-llama.mjs)')
    folder = mkdtempSync(join(tmpdir(), 'realmesh-llama-'))
    writeFileSync(join(folder, 'tiny.gguf'), tinyGguf())
    writeFileSync(join(folder, 'endless.gguf'), tinyGguf({ loop: true }))
  })

  after(async () => {
    for (const engine of engines.values()) await engine.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  function llama(file: string, sequences: number): LlamaEngine {
    const key = `${file} ${sequences}`
    const known = engines.get(key)
    if (known !== undefined) return known
    const module = pathToFileURL(MAIN_FILE).href
    const engine = new LlamaEngine({ modelFile: join(folder, file), module, sequences, contextSize: 1024 })
    engines.set(key, engine)
    return engine
  }

  function ask(engine: LlamaEngine, body: Partial<ChatBody> = {}, signal = never): AsyncIterable<QueryEvent> {
    const full = { messages: [{ role: 'user' as const, content: 'hello' }], sampling: { temperature: 0 }, ...body }
    return engine.run(chatQuery({ model: 'tiny', body: full }), { signal })
  }

  it('names its model by the file and tells its context', async () => {
    const [model] = await llama('tiny.gguf', 8).models()
    assert.equal(model?.name, 'tiny')
    assert.equal(model?.contextLength, 1024)
  })

  it('tells for receipts what its file is, and the sampling that was sent', async () => {
    const engine = llama('tiny.gguf', 8)
    const digest = createHash('sha256').update(tinyGguf()).digest('hex')
    let [model] = await engine.models()
    while (model?.digest === undefined) {
      await new Promise(setImmediate) // the process hashes behind its start
      ;[model] = await engine.models()
    }
    assert.equal(model.digest, digest)
    assert.match(model.template ?? '', /^[0-9a-f]{64}$/)
    assert.equal(model.defaults?.['repeat_penalty'], 1)
    const end = (await collect(ask(engine, { sampling: { temperature: 0, maxTokens: 5, stop: ['x'] } }))).at(-1)
    assert.ok(end?.kind === 'end')
    assert.deepEqual(end.by, { sent: { max_tokens: 5, temperature: 0, stop: 1 } })
    assert.equal(end.usage?.completionTokens, 5)
  })

  it('streams the answer that the model holds, word by word', async () => {
    const events = await collect(ask(llama('tiny.gguf', 8)))
    assert.equal(textOf(events).trim(), tinyAnswer())
    assert.ok(events.filter((event) => event.kind === 'text').length > 20)
    const end = events.at(-1)
    assert.ok(end?.kind === 'end')
    assert.equal(end.finishReason, 'stop')
    assert.ok((end.usage?.completionTokens ?? 0) > 20)
  })

  it('keeps to the limit on the answer', async () => {
    const events = await collect(ask(llama('endless.gguf', 1), { sampling: { temperature: 0, maxTokens: 10 } }))
    const end = events.at(-1)
    assert.equal(end?.kind === 'end' && end.finishReason, 'length')
  })

  it('goes on behind a given start', async () => {
    const engine = llama('tiny.gguf', 8)
    const whole = textOf(await collect(ask(engine)))
    const prefill = whole.split(' ').slice(0, 12).join(' ')
    const rest = textOf(await collect(ask(engine, { prefill })))
    assert.equal(prefill + rest, whole)
  })

  it('goes on with a text as it is', async () => {
    const engine = llama('tiny.gguf', 8)
    const whole = textOf(await collect(ask(engine))).trim()
    const words = whole.split(' ')
    const raw = { prompt: words.slice(0, 12).join(' ') }
    const events = await collect(ask(engine, { messages: [], raw }))
    assert.equal(raw.prompt + textOf(events), whole)
    const goneOn = await collect(ask(engine, { messages: [], raw, prefill: ` ${words.slice(12, 15).join(' ')}` }))
    assert.equal(textOf(goneOn), ` ${words.slice(15).join(' ')}`)
    const limited = await collect(ask(engine, { messages: [], raw, sampling: { temperature: 0, maxTokens: 3 } }))
    const end = limited.at(-1)
    assert.ok(end?.kind === 'end')
    assert.deepEqual([end.finishReason, end.usage?.completionTokens], ['length', 3])
  })

  it('stops in the middle when cancelled, and serves the next', async () => {
    const engine = llama('endless.gguf', 1)
    const cancel = new AbortController()
    const seen: QueryEvent[] = []
    await assert.rejects(
      async () => {
        for await (const event of ask(engine, {}, cancel.signal)) {
          seen.push(event)
          if (seen.length === 5) cancel.abort()
        }
      },
      { code: 'CANCELLED' },
    )
    assert.equal(seen.length, 5)
    // The one place is free again only when llama.cpp has stopped.
    const next = await retried(() => collect(ask(engine, { sampling: { temperature: 0, maxTokens: 5 } })))
    assert.equal(next.at(-1)?.kind, 'end')
  })

  it('answers eight at once, each with its own whole answer', async () => {
    const engine = llama('tiny.gguf', 8)
    await engine.models()
    const answers = await Promise.all(Array.from({ length: 8 }, () => collect(ask(engine))))
    for (const events of answers) assert.equal(textOf(events).trim(), tinyAnswer())
  })

  it('refuses one more than it has places for', async () => {
    const engine = llama('endless.gguf', 1)
    await engine.models()
    const cancel = new AbortController()
    const running = ask(engine, {}, cancel.signal)[Symbol.asyncIterator]()
    assert.equal((await retried(() => running.next())).done, false)
    await assert.rejects(collect(ask(engine)), { code: 'ENGINE_BUSY' })
    cancel.abort()
    await assert.rejects(running.next(), { code: 'CANCELLED' })
  })

  it('fails its queries when the process is killed, and starts it again for the next', async () => {
    const engine = llama('endless.gguf', 1)
    await retried(() => collect(ask(engine, { sampling: { temperature: 0, maxTokens: 1 } }))) // its place is free
    let killed = 0
    await assert.rejects(
      async () => {
        for await (const event of ask(engine)) {
          if (event.kind !== 'text' || killed !== 0 || engine.pid === undefined) continue
          killed = engine.pid
          process.kill(killed, 'SIGKILL')
        }
      },
      { code: 'ENGINE_FAILED', retryable: true },
    )
    const events = await retried(() => collect(ask(engine, { sampling: { temperature: 0, maxTokens: 5 } })))
    assert.equal(events.at(-1)?.kind, 'end')
    assert.notEqual(engine.pid, killed)
  })

  it('holds an answer to a grammar', async () => {
    const engine = llama('tiny.gguf', 8)
    await engine.models()
    const settings = { grammar: 'root ::= [0-9] [0-9]' }
    assert.match(textOf(await collect(ask(engine, { settings }))), /^[0-9]{2}$/)
  })

  it('holds an answer to a schema', async () => {
    const schema = { enum: ['nothing but this'] }
    const events = await collect(
      ask(llama('tiny.gguf', 8), { responseFormat: { type: 'json_schema', name: 'x', schema } }),
    )
    assert.equal(JSON.parse(textOf(events)), 'nothing but this')
  })

  it('gives one vector per input', async () => {
    const query: EmbedQuery = {
      ...chatQuery({ model: 'tiny' }),
      type: 'embed',
      body: { inputs: ['a realm', 'this model'] },
    }
    const events = await collect(llama('tiny.gguf', 8).run(query, { signal: never }))
    assert.deepEqual(
      events.map((event) => event.kind),
      ['embedding', 'embedding', 'end'],
    )
  })

  it('refuses a prompt that does not fit', async () => {
    const messages = [{ role: 'user' as const, content: 'z'.repeat(2_000) }]
    await assert.rejects(collect(ask(llama('tiny.gguf', 8), { messages })), { code: 'CONTEXT_TOO_LONG' })
  })

  it('says that a file is no model', async () => {
    writeFileSync(join(folder, 'junk.gguf'), 'not a model')
    await assert.rejects(llama('junk.gguf', 1).models(), { code: 'ENGINE_FAILED' })
  })
})

/**
 * llama.cpp frees a place some milliseconds after the cancel; a worker counts `ENGINE_BUSY` as load and asks again, as
 * here.
 */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENGINE_BUSY')) throw error
      await new Promise(setImmediate)
    }
  }
}
