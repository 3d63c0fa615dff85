/** What is checked of a conversation once it is a query, the same for every endpoint that takes one. */
import { BadField } from '../../core/check-value.ts'
import { chatLength, MAX_IMAGES, textsOf } from '../../core/query/chat-text.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import type { ChatBody, ToolChoice, ToolDefinition } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** Throws `BadField` for a call that is wished for and cannot be made, as OpenAI does. */
export function assertChoosable(choice: ToolChoice, tools: readonly ToolDefinition[]): void {
  if (choice === 'auto' || choice === 'none') return
  if (tools.length === 0) throw new BadField('tool_choice', 'there are no tools to choose from', { fix: 'send tools' })
  if (typeof choice === 'string' || tools.some(({ name }) => name === choice.name)) return
  throw new BadField('tool_choice', 'names a function that is not among the tools')
}

/** Throws `PROMPT_TOO_LARGE`: text of every kind is held to its bytes, images to their number. */
export function assertChatFits(chat: ChatBody): void {
  assertTextFits(textsOf(chat))
  const { images } = chatLength(chat)
  if (images > MAX_IMAGES) {
    throw new RealmeshError('PROMPT_TOO_LARGE', `the prompt has ${images} images; ${MAX_IMAGES} are taken`, {
      fix: 'send fewer images in one query',
    })
  }
}
