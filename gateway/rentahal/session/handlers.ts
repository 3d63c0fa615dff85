/** What each message of a client does: one row for each type, with who may send it. */
import { RealmeshError } from '../../../core/realmesh-error.ts'
import {
  type ClientMessage,
  FEATURES,
  isReceivedType,
  type ReceivedType,
  readMessage,
  readQuery,
} from '../messages/received.ts'
import { errorTold, userTold } from '../messages/told.ts'
import { FAILED_AT } from '../query/failure-words.ts'
import { previousOf } from './greeting.ts'
import type { House, Session } from './session-parts.ts'
import { SYSOP_ACTS } from './sysop-acts.ts'

/** What a message does. Throws what its sender is told. */
export type MessageAct<T extends ReceivedType> = (
  session: Session,
  message: ClientMessage<T>,
  house: House,
) => void | Promise<void>

/** What the original says of a type that it does not know, and of one that is a sysop's. */
const UNKNOWN_TYPE = 'Unknown message type'

type SysopType = keyof typeof SYSOP_ACTS
type UserType = Exclude<ReceivedType, SysopType>

const USER_ACTS: { readonly [T in UserType]: MessageAct<T> } = {
  submit_query: (session, { query, ref }) => session.submit(readQuery(query), { ref }),
  vision_chunk: (session, slice) => {
    const { image_id: imageId, chunk_id: index, total_chunks: total, chunk_data: data, ref, prompt } = slice
    const image = session.uploads.add({ imageId, index, total, data })
    if (image === undefined) return session.say({ type: 'vision_chunk_received', message: 'Chunk received' })
    const { model_type, model_name } = slice
    const query = { prompt, query_type: 'vision', model_type, model_name, image }
    const also = { type: 'vision_upload_complete', message: 'Image upload complete and processed' }
    session.submit(query, { ref, also })
  },
  set_nickname: async (session, { nickname }, { context }) => {
    const { users } = context.node
    session.known = await users.rename(session.guid, nickname)
    session.say(userTold(session.known))
  },
  get_previous_queries: async (session, _message, house) => session.say(await previousOf(house, session.guid)),
  speech_to_text: async (session, { audio }) => {
    try {
      session.say({ type: 'transcription_result', text: await session.transcribe(audio) })
    } catch (thrown) {
      session.refuse(thrown, FAILED_AT.hearing)
    }
  },
  text_to_speech: async (session, { text }) => {
    try {
      session.say({ type: 'speech_result', audio: await session.speak(text) })
    } catch (thrown) {
      session.refuse(thrown, FAILED_AT.speaking)
    }
  },
  pong: () => {},
  hello: (session, { features }) => {
    session.features.clear()
    for (const feature of FEATURES) if (features.includes(feature)) session.features.add(feature)
    session.say({ type: 'hello', server: 'realmesh', features: [...session.features] })
  },
  cancel_query: (session, { query_id: id }) => {
    if (session.cancel(id)) return
    throw new RealmeshError('QUERY_NOT_FOUND', 'no query of this connection has that id')
  },
}

/** Does what the message asks, and tells its sender where it does not. Never rejects. */
export async function handleMessage(session: Session, message: unknown, house: House): Promise<void> {
  try {
    const type = typeOf(message)
    if (!isReceivedType(type)) return session.say(errorTold(UNKNOWN_TYPE))
    if (isSysopType(type)) {
      if (!session.sysop) return session.say(errorTold(UNKNOWN_TYPE))
      await act(SYSOP_ACTS[type], type, message, session, house)
    } else await act(USER_ACTS[type], type, message, session, house)
  } catch (thrown) {
    session.refuse(thrown)
  }
}

/** The compiler does not see that row and message are of one type. */
function act<T extends ReceivedType>(
  row: MessageAct<never>,
  type: T,
  message: unknown,
  session: Session,
  house: House,
): void | Promise<void> {
  return (row as MessageAct<T>)(session, readMessage(type, message), house)
}

function isSysopType(type: ReceivedType): type is SysopType {
  return Object.hasOwn(SYSOP_ACTS, type)
}

function typeOf(message: unknown): unknown {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new RealmeshError('BAD_REQUEST', 'a message is a JSON object with a type')
  }
  return 'type' in message ? message.type : undefined
}
