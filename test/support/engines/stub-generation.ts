/** One chat answer of a stub: order, pauses, failures and the journal. The wire format is the kind's. */
import type { ServerResponse } from 'node:http'
import { setTimeout as pause, setImmediate as tick } from 'node:timers/promises'
import { type StubMessage, splitPrefill, structuredAnswer, stubTokens, tokensAfter } from './stub-answer.ts'
import { clientGone, type StubServer } from './stub-server.ts'

export interface StubChat {
  readonly path: string
  readonly body: unknown
  readonly model: string
  readonly messages: readonly StubMessage[]
  readonly seed: number
  readonly maxTokens: number | undefined
  /** Names of the tools that may be called instead of answering; none to answer. */
  readonly tools: readonly string[]
  /** A JSON schema, or `true` for any object; undefined for free text. */
  readonly schema: unknown
  readonly think: boolean
  /** Whether a last assistant message is the start of the answer. */
  readonly continues: boolean
}

/** The engine's wire format: each returns what is written to the socket. */
export interface StubFormat {
  readonly head: Readonly<Record<string, string>>
  /** Closes the connection after each answer, and says the opposite in its head. */
  readonly hangsUp?: boolean
  begin(): string
  text(token: string): string
  reasoning(token: string): string
  toolCall(index: number, id: string, name: string, args: string): string
  end(reason: 'stop' | 'length' | 'tool_calls', promptTokens: number, completionTokens: number): string
  error(message: string): string
  /** A line that breaks the protocol. */
  readonly garbage: string
  refuse(response: ServerResponse, kind: 'error' | 'busy'): void
}

type Outcome = 'end' | 'cancel' | 'fail'

function tokensOf(chat: StubChat, count: number): readonly string[] {
  const { asked, prefill } = chat.continues ? splitPrefill(chat.messages) : { asked: chat.messages, prefill: '' }
  if (chat.schema !== undefined) return tokensAfter([...structuredAnswer(chat.schema)], prefill)
  return tokensAfter(stubTokens({ model: chat.model, messages: asked, seed: chat.seed }, count), prefill)
}

/** Answers one chat, and writes its start and how it ended into the journal. */
export async function generate(
  stub: StubServer,
  response: ServerResponse,
  chat: StubChat,
  format: StubFormat,
): Promise<void> {
  const { number, fails } = stub.nextQuery()
  const { model, path, body } = chat
  const prefill = chat.continues ? splitPrefill(chat.messages).prefill : ''
  stub.journal.write({ event: 'start', query: number, path, model, prefill, body })
  const { fail } = stub.knobs
  if (fails && (fail === 'error' || fail === 'busy')) {
    stub.journal.write({ event: fail === 'busy' ? 'refuse' : 'fail', query: number, model })
    format.refuse(response, fail)
    return
  }
  const gone = clientGone(response)
  let left = false
  void gone.then(() => {
    left = true
  })
  const giveBack = await stub.takeSlot()
  const sent = { tokens: 0 }
  let outcome: Outcome = 'cancel'
  try {
    if (!left) outcome = await stream(stub, response, chat, format, { number, fails, gone, left: () => left, sent })
  } finally {
    giveBack()
    stub.journal.write({ event: outcome, query: number, model, sent: sent.tokens })
  }
}

interface Progress {
  readonly number: number
  readonly fails: boolean
  readonly gone: Promise<void>
  readonly left: () => boolean
  readonly sent: { tokens: number }
}

async function stream(
  stub: StubServer,
  response: ServerResponse,
  chat: StubChat,
  format: StubFormat,
  { number, fails, gone, left, sent }: Progress,
): Promise<Outcome> {
  const { knobs } = stub
  await Promise.race([stub.loadModel(chat.model, number), gone])
  if (knobs.ttftMs > 0) await Promise.race([pause(knobs.ttftMs), gone])
  if (left()) return 'cancel'
  if (format.hangsUp === true) {
    response.removeHeader('connection')
    stub.hangUp(response)
  }
  response.writeHead(200, format.head)
  response.flushHeaders()
  await stub.write(response, format.begin())
  if (chat.think) await stub.write(response, format.reasoning('hm, '))
  const promptTokens = chat.messages.length
  const calls = chat.tools.slice(0, knobs.toolCalls)
  if (calls.length > 0) {
    for (const [index, name] of calls.entries()) {
      const id = `call_stub_${number}${index === 0 ? '' : `_${index}`}`
      await stub.write(response, format.toolCall(index, id, name, '{"place":"Łódź 🚀"}'))
    }
    sent.tokens = 1
    await stub.write(response, format.end('tool_calls', promptTokens, 1))
    response.end()
    return 'end'
  }
  const all = tokensOf(chat, knobs.tokens)
  const wanted = all.slice(0, chat.maxTokens ?? all.length)
  for (const token of wanted) {
    if (sent.tokens === knobs.pauseAfter) await stub.paused(gone)
    if (fails && sent.tokens === knobs.failAfter) return fail(stub, response, format, gone)
    if (knobs.tokenMs > 0 && sent.tokens > 0) await Promise.race([pause(knobs.tokenMs), gone])
    if (left()) return 'cancel'
    await stub.write(response, format.text(token))
    sent.tokens += 1
    await tick()
  }
  if (left()) return 'cancel'
  await stub.write(response, format.end(wanted.length < all.length ? 'length' : 'stop', promptTokens, wanted.length))
  response.end()
  return 'end'
}

async function fail(
  stub: StubServer,
  response: ServerResponse,
  format: StubFormat,
  gone: Promise<void>,
): Promise<Outcome> {
  switch (stub.knobs.fail) {
    case 'garbage':
      await stub.write(response, format.garbage)
      response.end()
      return 'fail'
    case 'streamed-error':
      await stub.write(response, format.error('the GPU fell off the bus'))
      response.end()
      return 'fail'
    case 'endless-line':
      for (const block = Buffer.alloc(64 * 1024, 'x'); !response.destroyed; ) {
        await stub.write(response, block)
        await tick()
      }
      return 'cancel'
    case 'hang':
      await gone
      return 'cancel'
    default:
      await tick() // lets what was written reach the client first
      response.destroy()
      return 'fail'
  }
}
