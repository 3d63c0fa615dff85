/** The endpoints that a batch may ask, each with the translation of its own door. */
import { BadField } from '../../../../core/check-value.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { DoorRequest } from '../../../answer/door-request.ts'
import { chatRequest } from '../../chat/chat-route.ts'
import { completionsRequest } from '../../completions/completions-route.ts'
import { embeddingsRequest } from '../../embeddings/embeddings-request.ts'
import type { ResponseDesk } from '../../responses/kept/response-desk.ts'
import { ResponseAnswer } from '../../responses/output/response-answer.ts'
import { prepareResponse } from '../../responses/prepared-response.ts'

type ReadLine = (body: Readonly<Record<string, unknown>>, user: string, desk: ResponseDesk) => Promise<DoorRequest>

const DOORS: Readonly<Record<string, ReadLine>> = {
  '/v1/chat/completions': async (body) => chatRequest(body),
  '/v1/completions': async (body) => completionsRequest(body),
  '/v1/embeddings': async (body) => embeddingsRequest(body),
  '/v1/responses': async (body, user, desk) => {
    if (body['background'] === true) throw new BadField('background', 'a line of a batch has no client as it is')
    return await responseRequest(desk, user, body)
  },
}

/** The paths that a batch may ask. */
export const BATCH_ENDPOINTS: readonly string[] = Object.keys(DOORS)

/** What the body of a line asks of `endpoint`. Throws what the door throws. */
export async function readLine(
  endpoint: string,
  body: Readonly<Record<string, unknown>>,
  user: string,
  desk: ResponseDesk,
): Promise<DoorRequest> {
  const read = Object.hasOwn(DOORS, endpoint) ? DOORS[endpoint] : undefined
  if (read === undefined) throw new RealmeshError('BAD_REQUEST', `a batch cannot ask ${endpoint}`)
  if (body['stream'] === true)
    throw new BadField('stream', 'a batch is answered in whole pieces', { fix: 'leave it out' })
  return await read(body, user, desk)
}

/** As the door does that has a client: a response that is to be kept is kept once it has ended well. */
async function responseRequest(desk: ResponseDesk, user: string, sent: unknown): Promise<DoorRequest> {
  const { body, model, fields, asked, recorded } = await prepareResponse(desk, user, sent)
  return {
    model,
    asked: [asked],
    fields,
    whole: (queryId) => {
      const answer = new ResponseAnswer(queryId)
      return { add: (event) => answer.add(event), toBody: (start) => answer.toBody(start, body, desk.now()) }
    },
    kept: (queryId, events) =>
      body.store === false ? events : desk.attended(user, recorded(queryId, desk.now()), events),
  }
}
