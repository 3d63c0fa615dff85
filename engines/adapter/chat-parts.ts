/** The parts of a chat as adapters need them: text on its own, images on their own, a tool call's arguments as an object. */
import type { ChatMessage, ContentPart, ToolCall } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { asObject, type JsonObject } from '../http/json-shape.ts'

export type ImagePart = Extract<ContentPart, { readonly type: 'image' }>

/** The text of a message, its parts on lines of their own, for engines that know no parts. */
export function textOf({ content }: Pick<ChatMessage, 'content'>): string {
  if (typeof content === 'string') return content
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n')
}

/** The images of a message, in order. */
export function imagesOf({ content }: Pick<ChatMessage, 'content'>): readonly ImagePart[] {
  return typeof content === 'string' ? [] : content.filter((part) => part.type === 'image')
}

/** For engines that take arguments as an object where we carry JSON text. Throws `BAD_REQUEST` for what is no object. */
export function toolArguments(call: ToolCall): JsonObject {
  try {
    const parsed = asObject(JSON.parse(call.arguments === '' ? '{}' : call.arguments))
    if (parsed !== undefined) return parsed
  } catch (cause) {
    throw new RealmeshError('BAD_REQUEST', `the arguments of tool call ${call.id} are not JSON`, { cause })
  }
  throw new RealmeshError('BAD_REQUEST', `the arguments of tool call ${call.id} are not a JSON object`)
}
