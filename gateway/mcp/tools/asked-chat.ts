/** What the tools that ask a language model have in common: fields of the input, the output, and the way there. */
import { z } from 'zod'
import { defined } from '../../../core/defined.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../core/model/model-name.ts'
import type { ChatBody, ChatMessage } from '../../../core/query/query.ts'
import { MAX_TOKENS_WANTED } from '../../../core/query/query-limits.ts'
import { assertChatFits } from '../../fields/chat-checks.ts'
import { EFFORTS, thinkOf } from '../../fields/effort.ts'
import { GatheredChat } from '../../gathering/chat.ts'
import type { chatOutput } from './outputs.ts'
import type { ToolAnswer } from './tool.ts'
import { servedBy, type ToolRun } from './tool-run.ts'

export const modelField = z
  .string()
  .max(MAX_MODEL_NAME_LENGTH)
  .optional()
  .describe('Exact name of a model, as swarm_status lists it. Left out: the best that is free.')

export const chatFields = {
  prompt: z.string().min(1).describe('The question or task, with all that is needed for it.'),
  system: z.string().optional().describe('Instructions that stand above the prompt.'),
  model: modelField,
  max_tokens: z.number().int().min(1).max(MAX_TOKENS_WANTED).optional().describe('Longest answer, in tokens.'),
  temperature: z.number().min(0).max(2).optional(),
  effort: z.enum(EFFORTS).optional().describe('How long a model that thinks does so before it answers.'),
  schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('JSON schema that the answer must follow; it then stands in `json` too.'),
}

const input = z.object(chatFields)

/** Asks a model with `content` as what the user says. Throws `PROMPT_TOO_LARGE`, and what the query fails with. */
export async function askedChat(
  { system, model = '', schema, max_tokens: maxTokens, temperature, effort }: z.infer<typeof input>,
  content: ChatMessage['content'],
  call: ToolRun,
): Promise<ToolAnswer<z.input<typeof chatOutput>>> {
  const sampling = defined({ maxTokens, temperature })
  const body: ChatBody = {
    messages: [...(system ? [{ role: 'system', content: system } as const] : []), { role: 'user', content }],
    ...(Object.keys(sampling).length > 0 && { sampling }),
    ...(schema && { responseFormat: { type: 'json_schema', name: 'answer', schema } as const }),
    ...defined({ think: thinkOf(effort) }),
  }
  assertChatFits(body)
  const chat = new GatheredChat()
  const answered = await call.answer({ type: 'chat', model, body }, chat)
  const { text, reasoning, finish } = chat
  const { usage } = answered.end ?? {}
  return {
    content: [{ type: 'text', text }],
    structured: {
      text,
      ...(schema && { json: asJson(text) }),
      ...(reasoning !== '' && { reasoning }),
      finish_reason: finish,
      ...(usage && { usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens } }),
      ...servedBy(answered),
    },
  }
}

/** Undefined where the answer was cut before it was whole. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
