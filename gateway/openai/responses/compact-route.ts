/** `POST /v1/responses/compact`: the model makes a conversation short, as one item that stands for all of it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BadField } from '../../../core/check-value.ts'
import { defined } from '../../../core/defined.ts'
import type { ChatBody } from '../../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type Asked, submit } from '../../answer/submit.ts'
import type { Gathering } from '../../answer/whole-answer.ts'
import { type GatewayContext, userOf } from '../../request/gateway-context.ts'
import { sendAnswer } from '../format/send-answer.ts'
import { COMPACTING, compactedItem } from './asked/compaction.ts'
import type { EarlierResponses } from './kept/earlier-items.ts'
import { usageBody } from './output/response-object.ts'
import { prepareResponse } from './prepared-response.ts'

/** The handler, for a gateway's context. `earlier`: where the user's responses are found; `now`: seconds. */
export function compactRoute(context: GatewayContext, earlier: EarlierResponses, now: () => number) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { chat, model, fields, scope } = await prepareResponse(earlier, userOf(request), withInput(request.body))
    if (model === '') throw new BadField('model', 'expected the model that makes it short')
    const asked: Asked = {
      type: 'chat',
      model,
      body: summaryAsked(chat),
      keepsTexts: false,
      ...defined({ scope }),
    }
    const submitted = submit(context, request, reply, asked, fields)
    return sendAnswer(reply, submitted, new Summary(), (summary) => summary.toBody(submitted.accepted.id, now()))
  }
}

/** A conversation may be named by its last response alone. */
function withInput(sent: unknown): unknown {
  if (typeof sent !== 'object' || sent === null || !('previous_response_id' in sent)) return sent
  return { ...sent, input: 'input' in sent && sent.input != null ? sent.input : '' }
}

/** No tools: what was called stands in the conversation, and nothing is to be called now. */
function summaryAsked({ messages, sampling, settings }: ChatBody): ChatBody {
  const said = messages.filter(({ role, content }) => role !== 'user' || content !== '')
  return { messages: [...said, { role: 'user', content: COMPACTING }], ...defined({ sampling, settings }) }
}

class Summary implements Gathering {
  #text = ''
  #end: EndEvent | undefined

  add(event: QueryEvent): void {
    if (event.kind === 'text') this.#text += event.text
    else if (event.kind === 'end') this.#end = event
  }

  /** Throws `ENGINE_GARBAGE` where half a summary came, or none: it would stand for what is lost. */
  toBody(queryId: string, now: number): object {
    const text = this.#text.trim()
    if (text === '' || this.#end?.finishReason === 'length') {
      throw new RealmeshError('ENGINE_GARBAGE', 'the model did not come to the end of a summary', {
        fix: 'ask again, or go on with the conversation as it is',
      })
    }
    return {
      id: `resp_${queryId}`,
      object: 'response.compaction',
      created_at: now,
      output: [compactedItem(`cmp_${queryId}`, text)],
      usage: usageBody(this.#end?.usage),
    }
  }
}
