/**
 * What a door costs beside that of chat completions: CPU of this process for reading a question and writing its answer,
 * and for each piece of a streamed one, without HTTP, which is the same for all. The least of many windows, door by
 * door in turns: neighbours on the machine only ever add. Some three seconds.
 */
import '../../core/node20-shim.ts'
import { checkValue } from '../../core/check-value.ts'
import type { QueryEvent, TextEvent } from '../../core/query/query-event.ts'
import { systemClock } from '../../core/run/clock.ts'
import type { AnswerPieces, AnswerStart } from '../../gateway/answer/stream-answer.ts'
import { MessageAnswer } from '../../gateway/anthropic/answer/message-answer.ts'
import { MessagePieces } from '../../gateway/anthropic/answer/message-pieces.ts'
import { messageFields } from '../../gateway/anthropic/asked/message-fields.ts'
import { toMessageChat } from '../../gateway/anthropic/asked/message-request.ts'
import { messageSchema } from '../../gateway/anthropic/asked/message-schema.ts'
import { askedFields } from '../../gateway/fields/asked-fields.ts'
import { toOllamaChat } from '../../gateway/ollama/chat/chat-request.ts'
import { ollamaChatSchema } from '../../gateway/ollama/chat/chat-schema.ts'
import { AnswerBody } from '../../gateway/ollama/format/answer-body.ts'
import { AnswerLines, type LinesInit } from '../../gateway/ollama/format/answer-lines.ts'
import { wishedFields } from '../../gateway/ollama/format/wishes.ts'
import { ChatAnswer } from '../../gateway/openai/chat/chat-answer.ts'
import { ChatChunks } from '../../gateway/openai/chat/chat-chunks.ts'
import { toChatBody } from '../../gateway/openai/chat/chat-request.ts'
import { chatSchema } from '../../gateway/openai/chat/chat-schema.ts'
import { CompletionAnswer } from '../../gateway/openai/completions/completion-answer.ts'
import { CompletionChunks } from '../../gateway/openai/completions/completion-chunks.ts'
import { completionsSchema, toCompletions } from '../../gateway/openai/completions/completions-request.ts'
import { responseFields } from '../../gateway/openai/responses/asked/response-fields.ts'
import { toResponseChat } from '../../gateway/openai/responses/asked/response-request.ts'
import { responseSchema } from '../../gateway/openai/responses/asked/response-schema.ts'
import { ResponseAnswer } from '../../gateway/openai/responses/output/response-answer.ts'
import { ResponsePieces } from '../../gateway/openai/responses/output/response-pieces.ts'

const WINDOWS = 40
const REQUESTS = 500
const PIECES = 20_000

const MESSAGES = Array.from({ length: 8 }, (_, i) => ({
  role: i % 2 === 0 ? 'user' : 'assistant',
  content: 'p'.repeat(200),
}))
const START: AnswerStart = {
  queryId: 'q-1',
  model: 'tiny',
  created: 1,
  by: { kind: 'start', node: 'a-peer', worker: 'w', engine: 'ollama', model: 'tiny' },
}
const TEXT: TextEvent = { kind: 'text', text: ' token' }
const EVENTS: readonly QueryEvent[] = [
  ...(START.by === undefined ? [] : [START.by]),
  ...Array.from({ length: 8 }, () => TEXT),
  { kind: 'end', finishReason: 'stop', usage: { promptTokens: 8, completionTokens: 8 } },
]
const INIT: LinesInit = { kind: 'chat', clock: systemClock, begunAt: 0, own: 'this-peer', wantsReceipt: false }

interface Door {
  readonly name: string
  readonly request: () => number
  /** The pieces of one more answer. */
  readonly pieces: () => AnswerPieces
}

/** The length of a body, gathered from all events. */
function wholeLength<G extends { add(event: QueryEvent): void }>(answer: G, toBody: (answer: G) => object): number {
  for (const event of EVENTS) answer.add(event)
  return JSON.stringify(toBody(answer)).length
}

const OPTIONS = { temperature: 0, seed: 1 }
const openAiBody = { model: 'tiny', messages: MESSAGES, max_tokens: 8, ...OPTIONS }
const textBody = { model: 'tiny', prompt: 'p'.repeat(1_600), max_tokens: 8, ...OPTIONS }
const INPUT = MESSAGES.map((message) => ({ type: 'message', ...message }))
const responseBody = { model: 'tiny', input: INPUT, max_output_tokens: 8, temperature: 0, store: false }
const messageBody = { model: 'tiny', messages: MESSAGES, max_tokens: 8, temperature: 0 }
const ollamaBody = { model: 'tiny', messages: MESSAGES, options: { num_predict: 8, ...OPTIONS } }

const DOORS: readonly Door[] = [
  {
    name: 'chat completions',
    request: () => {
      const fields = askedFields(openAiBody, chatSchema, { settings: true })
      const chat = toChatBody(checkValue(chatSchema, openAiBody), openAiBody)
      const length = wholeLength(new ChatAnswer(), (answer) => answer.toBody(START))
      return fields.carried.length + chat.messages.length + length
    },
    pieces: () => new ChatChunks(START, { includeUsage: false, wantsReceipt: false }),
  },
  {
    name: 'completions',
    request: () => {
      const fields = askedFields(textBody, completionsSchema, { settings: true })
      const { bodies, echoes } = toCompletions(checkValue(completionsSchema, textBody), textBody)
      const length = wholeLength(new CompletionAnswer(echoes), (answer) => answer.toBody(START))
      return fields.carried.length + bodies.length + length
    },
    pieces: () => new CompletionChunks(START, [''], { includeUsage: false, wantsReceipt: false }),
  },
  {
    name: 'responses',
    request: () => {
      const body = checkValue(responseSchema, responseBody)
      const { chat, skipped } = toResponseChat(body, { own: INPUT, earlier: [] }, responseBody)
      const fields = responseFields(body, responseBody, skipped)
      const length = wholeLength(new ResponseAnswer('q-1'), (answer) => answer.toBody(START, body, 1))
      return fields.carried.length + chat.messages.length + length
    },
    pieces: () => {
      const body = checkValue(responseSchema, responseBody)
      return new ResponsePieces(START, { body, wantsReceipt: false, now: () => 1 })
    },
  },
  {
    name: 'Ollama, chat',
    request: () => {
      const fields = wishedFields(ollamaBody, ollamaChatSchema)
      const chat = toOllamaChat(checkValue(ollamaChatSchema, ollamaBody))
      const length = wholeLength(new AnswerBody(), (answer) => answer.toBody('tiny', 'q-1', INIT))
      return fields.carried.length + chat.messages.length + length
    },
    pieces: () => new AnswerLines(START, INIT),
  },
  {
    name: 'Anthropic, messages',
    request: () => {
      const body = checkValue(messageSchema, messageBody)
      const { chat, skipped } = toMessageChat(body, messageBody)
      const fields = messageFields(body, messageBody, skipped)
      const length = wholeLength(new MessageAnswer(), (answer) => answer.toBody(START, true))
      return fields.carried.length + chat.messages.length + length
    },
    pieces: () => new MessagePieces(START, { shown: true, wantsReceipt: false }),
  },
]

/** Microseconds of CPU of one call. */
function cpuUs(calls: number, call: () => number): number {
  const before = process.cpuUsage()
  let sum = 0
  for (let i = 0; i < calls; i += 1) sum += call()
  const { user, system } = process.cpuUsage(before)
  if (sum === 0) throw new Error('nothing was written')
  return (user + system) / calls
}

const requests = DOORS.map(() => Number.POSITIVE_INFINITY)
const pieces = DOORS.map(() => Number.POSITIVE_INFINITY)
for (let window = 0; window < WINDOWS; window += 1) {
  for (const [i, door] of DOORS.entries()) {
    requests[i] = Math.min(requests[i] ?? 0, cpuUs(REQUESTS, door.request))
    const answer = door.pieces()
    pieces[i] = Math.min(
      pieces[i] ?? 0,
      cpuUs(PIECES, () => answer.content(TEXT).length),
    )
  }
}
const [request = 0, piece = 0] = [requests[0], pieces[0]]
for (const [i, { name }] of DOORS.entries()) {
  const [own = 0, each = 0] = [requests[i], pieces[i]]
  const times = (one: number, other: number): string => `${(one / other).toFixed(2)} x`
  console.log(
    `${name}: ${own.toFixed(1)} us CPU per request (${times(own, request)}), ${each.toFixed(2)} us per piece (${times(each, piece)})`,
  )
}
