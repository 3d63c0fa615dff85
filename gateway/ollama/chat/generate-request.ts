/** The body of `POST /api/generate` as our query: a chat of one message, or with `raw` a text that is gone on with. */
import { z } from 'zod'
import { BadField } from '../../../core/check-value.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import type { ChatBody, ChatMessage } from '../../../core/query/query.ts'
import { assertChatFits } from '../../fields/chat-checks.ts'
import { MAX_JSON_VALUES } from '../../request/limits.ts'
import { imageList, toWishes, wishFields } from '../format/wishes.ts'
import { withImages } from './chat-request.ts'

export const generateSchema = z.object({
  ...wishFields,
  prompt: z.string().nullish(),
  suffix: z.string().nullish(),
  images: imageList.nullish(),
  system: z.string().nullish(),
  template: z.string().nullish(),
  context: boundedList(z.unknown(), { max: MAX_JSON_VALUES }).nullish(),
  raw: z.boolean().nullish(),
})

export type GenerateBody = z.infer<typeof generateSchema>

/** Throws `BadField` and `PROMPT_TOO_LARGE`. */
export function toGenerate(body: GenerateBody): ChatBody {
  refuse(body)
  const { prompt, suffix, images, system } = body
  const wishes = toWishes(body)
  const raw = { prompt: prompt ?? '', ...(suffix ? { suffix } : {}) }
  const chat: ChatBody = isRaw(body)
    ? { messages: [], raw, ...wishes }
    : {
        messages: [
          ...(system ? [{ role: 'system', content: system } satisfies ChatMessage] : []),
          { role: 'user', content: withImages(prompt ?? '', images, 'images') },
        ],
        ...wishes,
      }
  assertChatFits(chat)
  return chat
}

/** Text behind a gap means a text to go on with, too. */
function isRaw({ raw, suffix }: GenerateBody): boolean {
  return raw === true || Boolean(suffix)
}

/** What cannot be served is not left out silently. Throws `BadField`. */
function refuse(body: GenerateBody): void {
  if (body.context?.length) {
    throw new BadField('context', 'a conversation is not kept as tokens, which mean something else to every model', {
      fix: 'send the conversation as messages to /api/chat',
    })
  }
  if (body.template) {
    throw new BadField('template', 'a model answers by its own template', {
      fix: 'leave it out, or send the whole text with raw: true',
    })
  }
  if (!isRaw(body)) return
  if (body.system) throw new BadField('system', 'a raw text has no system message', { fix: 'put it into the prompt' })
  if (body.images?.length) throw new BadField('images', 'a raw text has no images', { fix: 'leave raw and suffix out' })
}
