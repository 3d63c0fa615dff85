/** What sysops do from their page. Of users and queries everyone hears by what the node then tells. */
import type { NamedEngineKind } from '../../../core/model/engine-kind.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { ShownType } from '../house/worker-rows.ts'
import type { ClientMessage, ReceivedType } from '../messages/received.ts'
import { noticeTold, statsTold, usersTold } from '../messages/told.ts'
import { shownTo } from './active-users.ts'
import type { House, Session, SysopActs } from './session-parts.ts'

type SysopAct<T extends ReceivedType> = (
  session: Session,
  message: ClientMessage<T>,
  house: House,
) => void | Promise<void>

/** What a worker of RENT-A-HAL of each type is here. */
const ENGINES: Readonly<Record<ShownType, NamedEngineKind>> = {
  chat: 'rentahal',
  vision: 'rentahal-vision',
  imagine: 'automatic1111',
}

export const SYSOP_ACTS = {
  get_stats: async (session, _message, house) => {
    const { node, clock } = house.context
    const totals = node.users.totals()
    if (totals.queries > 0) session.say(statsTold(totals, clock.wall()))
    const { users } = await actsOf(house).users.list()
    session.say(usersTold(users, (user) => shownTo(session, user)))
    session.say({ type: 'worker_health', data: house.view.workers })
  },
  add_worker: async (_session, { worker }, house) => {
    const { workers } = actsOf(house)
    const { name, address, type } = worker
    const known = workers.list().some((each) => each.name === name)
    await workers[known ? 'change' : 'add']({ name, engine: engineFor(type), url: `http://${address}` })
    house.tellWorkers()
  },
  remove_worker: async (_session, { worker_name: name }, house) => {
    const { workers } = actsOf(house)
    if (!workers.list().some((each) => each.name === name)) return
    await workers.remove(name)
    house.tellWorkers()
  },
  add_huggingface_model: () => {
    throw noModels()
  },
  remove_huggingface_model: (_session, { model_name: name }, { view }) => {
    if (view.models.some((model) => model.name === name)) throw noModels()
  },
  ban_user: async (_session, { user_guid: who }, house) => void (await actsOf(house).users.ban(who)),
  unban_user: async (_session, { user_guid: who }, house) => void (await actsOf(house).users.unban(who)),
  terminate_query: (_session, { user_guid: user }, house) => void actsOf(house).queries.terminate({ user }),
  sysop_message: (_session, { message }, { connections }) => connections.broadcast(noticeTold(message)),
} as const satisfies { readonly [T in ReceivedType]?: SysopAct<T> }

function actsOf({ control }: House): SysopActs {
  if (control !== undefined) return control
  throw new RealmeshError('FORBIDDEN', 'this gateway takes no acts of an operator')
}

function engineFor(type: string): NamedEngineKind {
  if (Object.hasOwn(ENGINES, type)) return ENGINES[type as ShownType]
  throw new RealmeshError('BAD_REQUEST', `there are no workers of the type ${type}`, {
    fix: `use ${Object.keys(ENGINES).join(', ')}`,
  })
}

/** A list that nothing stands behind would be a lie: models are there where a worker has them. */
function noModels(): RealmeshError {
  return new RealmeshError('BAD_REQUEST', 'the models listed here are those that the workers have', {
    fix: 'add or remove the worker that serves the model',
  })
}
