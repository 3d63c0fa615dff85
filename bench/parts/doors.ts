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
  readonly pieces: AnswerPieces
}

const openAiBody = { model: 'tiny', messages: MESSAGES, temperature: 0, max_tokens: 8, seed: 1 }
const ollamaBody = { model: 'tiny', messages: MESSAGES, options: { temperature: 0, num_predict: 8, seed: 1 } }

const DOORS: readonly Door[] = [
  {
    name: 'chat completions',
    request: () => {
      const fields = askedFields(openAiBody, chatSchema, { settings: true })
      const chat = toChatBody(checkValue(chatSchema, openAiBody), openAiBody)
      const answer = new ChatAnswer()
      for (const event of EVENTS) answer.add(event)
      return fields.carried.length + chat.messages.length + JSON.stringify(answer.toBody(START)).length
    },
    pieces: new ChatChunks(START, { includeUsage: false, wantsReceipt: false }),
  },
  {
    name: 'Ollama, chat',
    request: () => {
      const fields = wishedFields(ollamaBody, ollamaChatSchema)
      const chat = toOllamaChat(checkValue(ollamaChatSchema, ollamaBody))
      const answer = new AnswerBody()
      for (const event of EVENTS) answer.add(event)
      return fields.carried.length + chat.messages.length + JSON.stringify(answer.toBody('tiny', 'q-1', INIT)).length
    },
    pieces: new AnswerLines(START, INIT),
  },
  {
    name: 'Anthropic, messages',
    request: () => {
      const body = checkValue(messageSchema, openAiBody)
      const { chat, skipped } = toMessageChat(body, openAiBody)
      const fields = messageFields(body, openAiBody, skipped)
      const answer = new MessageAnswer()
      for (const event of EVENTS) answer.add(event)
      return fields.carried.length + chat.messages.length + JSON.stringify(answer.toBody(START, true)).length
    },
    pieces: new MessagePieces(START, { shown: true, wantsReceipt: false }),
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
    pieces[i] = Math.min(
      pieces[i] ?? 0,
      cpuUs(PIECES, () => door.pieces.content(TEXT).length),
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
