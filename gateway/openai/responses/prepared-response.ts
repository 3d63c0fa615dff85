/** A body of `/v1/responses` as all ways in understand it: over HTTP, over a WebSocket, and where it is counted. */
import { checkValue } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import type { ChatBody } from '../../../core/query/query.ts'
import type { Scope } from '../../../core/scope.ts'
import { type AskedFields, MAX_IGNORED_NAMES } from '../../answer/ignored-fields.ts'
import type { Asked } from '../../answer/submit.ts'
import { responseFields } from './asked/response-fields.ts'
import { toResponseChat } from './asked/response-request.ts'
import { type ResponseBody, responseSchema } from './asked/response-schema.ts'
import { type EarlierResponses, wholeInput } from './kept/earlier-items.ts'
import type { RecordInit } from './kept/response-record.ts'

export interface PreparedResponse {
  readonly body: ResponseBody
  readonly chat: ChatBody
  /** As the client wrote it. */
  readonly model: string
  readonly fields: AskedFields
  /** Where the body says that the query may go. */
  readonly scope?: Scope
  /** The chat as a query, of which nothing is kept where the client says so. */
  readonly asked: Asked
  /** What a record of it begins with. `created`: seconds since the epoch. */
  readonly recorded: (queryId: string, created: number) => RecordInit
}

/** `earlier`: where the user's responses are found. Throws `BadField`, `PROMPT_TOO_LARGE`. */
export async function prepareResponse(
  earlier: EarlierResponses,
  user: string,
  sent: unknown,
): Promise<PreparedResponse> {
  const body = checkValue(responseSchema, sent)
  const input = await wholeInput(earlier, user, body)
  const { chat, skipped } = toResponseChat(body, input, sent)
  const model = body.model ?? ''
  const scope = body.realmesh?.scope ?? undefined
  const fields = responseFields(body, sent, skipped)
  return {
    body,
    chat,
    model,
    fields,
    ...defined({ scope }),
    asked: {
      type: 'chat',
      model,
      body: chat,
      ...defined({ scope }),
      ...(body.store === false && { keepsTexts: false }),
    },
    recorded: (queryId, created) => ({
      queryId,
      created,
      model,
      body: { ...body, input: input.own },
      fields: { ...fields, dropped: fields.dropped.slice(0, MAX_IGNORED_NAMES) },
    }),
  }
}
