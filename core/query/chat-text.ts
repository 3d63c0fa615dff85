/** What is in a chat: its texts and images, shown and measured in one place. */
import { pictureBytes } from './picture.ts'
import { type ChatBody, type ChatMessage, type ChatQuery, type ContentPart, isChat, type Query } from './query.ts'

export type ImagePart = Extract<ContentPart, { readonly type: 'image' }>

/** Pictures in one query: each costs a decode and hundreds of tokens. */
export const MAX_IMAGES = 32

/** The text of a message, its parts on lines of their own. */
export function textOf({ content }: Pick<ChatMessage, 'content'>): string {
  return typeof content === 'string' ? content : partsOf(content).join('\n')
}

/** The images of a message, in order. */
export function imagesOf({ content }: Pick<ChatMessage, 'content'>): readonly ImagePart[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'image')
}

/** What the user asked, as text: the last that they said in a conversation. */
export function askedText(query: Query): string {
  if (!isChat(query)) return plainText(query)
  if (query.body.raw !== undefined) return query.body.raw.prompt
  const last = query.body.messages.findLast(({ role }) => role === 'user')
  return last === undefined ? '' : textOf(last)
}

/** Of a recording no more than what it was, and of what is only counted nothing. */
function plainText(query: Exclude<Query, ChatQuery>): string {
  switch (query.type) {
    case 'imagine':
      return query.body.prompt
    case 'embed':
      return query.body.inputs.join('\n')
    case 'rerank':
      return query.body.query
    case 'tokens':
      return ''
    case 'transcribe':
      return `[${query.body.mediaType}, ${query.body.audio.byteLength} bytes]`
    case 'speak':
      return query.body.text
  }
}

/** How much a chat holds. */
export interface ChatLength {
  /** UTF-16 units of text, the answer so far included: never more than its bytes. */
  readonly characters: number
  readonly images: number
}

/** Cheap: it reads lengths, no text. */
export function chatLength({ messages, prefill, raw }: Pick<ChatBody, 'messages' | 'prefill' | 'raw'>): ChatLength {
  let characters = (prefill?.length ?? 0) + (raw?.prompt.length ?? 0) + (raw?.suffix?.length ?? 0)
  let images = 0
  for (const { content } of messages) {
    if (typeof content === 'string') characters += content.length
    else {
      for (const part of content) {
        if (part.type === 'image') images += 1
        else characters += part.text.length
      }
    }
  }
  return { characters, images }
}

/**
 * Bytes of what a query says, the answer so far apart: every text that an engine may read, tools and calls among them,
 * recordings, and images as they travel, in base64. Images of a conversation that is only counted are not: no engine
 * looks at them.
 */
export function contentBytes(body: Query['body']): number {
  const texts = textsOf(body).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if ('audio' in body) return texts + body.audio.byteLength
  if ('prompt' in body) return texts + pictureBytes(body)
  if (!('messages' in body)) return texts
  return body.messages.flatMap(imagesOf).reduce((sum, { data }) => sum + data.length, texts)
}

/** Every text of a body, of every role, but the answer so far. */
export function textsOf(body: Query['body']): readonly string[] {
  if (!('messages' in body)) return plainTexts(body)
  const { messages, raw, tools, responseFormat, sampling, settings } = body
  const texts: string[] = raw === undefined ? [] : [raw.prompt, raw.suffix ?? '']
  for (const message of messages) addMessage(texts, message)
  // Free JSON: counted as it travels.
  if (tools !== undefined) texts.push(JSON.stringify(tools))
  if (responseFormat !== undefined) texts.push(JSON.stringify(responseFormat))
  if (settings !== undefined) texts.push(JSON.stringify(settings))
  if (sampling?.stop !== undefined) texts.push(...sampling.stop)
  return texts
}

/** The texts of what is no conversation, or one that is only counted. */
function plainTexts(body: Exclude<Query['body'], ChatBody>): readonly string[] {
  if ('inputs' in body) return body.inputs
  if ('documents' in body) return [body.query, ...body.documents]
  if ('audio' in body) return [body.prompt ?? '']
  if ('format' in body) return [body.text, body.instructions ?? '']
  if ('prompt' in body) return [body.prompt, body.negativePrompt ?? '']
  return body.chat === undefined ? [body.text ?? ''] : textsOf(body.chat)
}

function addMessage(texts: string[], message: ChatMessage): void {
  const { content, reasoning, toolCalls, toolCallId, toolName, name } = message
  if (typeof content === 'string') texts.push(content)
  else texts.push(...partsOf(content), ...imagesOf(message).map(({ mediaType }) => mediaType))
  if (reasoning !== undefined) texts.push(reasoning)
  if (toolCallId !== undefined) texts.push(toolCallId)
  if (toolName !== undefined) texts.push(toolName)
  if (name !== undefined) texts.push(name)
  for (const call of toolCalls ?? []) texts.push(call.id, call.name, call.arguments)
}

function partsOf(content: readonly ContentPart[]): readonly string[] {
  return content.flatMap((part) => (part.type === 'text' ? part.text : []))
}
