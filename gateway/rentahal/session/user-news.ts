/** What becomes of users, by whichever door: it is told to those that the original tells, and acted on. */
import type { UserChange, UserChangeKind } from '../../../node/api/known-users.ts'
import { BANNED } from '../messages/failure-told.ts'
import { errorTold, userTold } from '../messages/told.ts'
import { shownTo } from './active-users.ts'
import type { House } from './session-parts.ts'

/** Follows the changes from now on. Returns how to stop. */
export function followUsers(house: House): () => void {
  return house.context.node.users.onChange((change) => void FOLLOWED[change.kind](house, change))
}

const FOLLOWED: Readonly<Record<UserChangeKind, (house: House, change: UserChange) => void | Promise<void>>> = {
  banned: (house, change) => {
    tellAll(house, 'user_banned', change)
    house.connections.tellUser(change.guid, errorTold(BANNED))
    shutOut(house, change)
  },
  unbanned: (house, change) => tellAll(house, 'user_unbanned', change),
  // The page begins anew with every word on its user, and shows the buttons of a sysop only then.
  promoted: sayUser,
  demoted: sayUser,
  renamed: renew,
  credited: renew,
  terminated: (house, change) => {
    tellAll(house, 'query_terminated', change)
    house.view.changed()
    house.connections.broadcast(house.view.queue, { passing: true })
  },
  erased: shutOut,
}

/** Their own GUID is told to a user only. Others with the same words share one message. */
function tellAll({ connections }: House, type: string, change: UserChange): void {
  const own = { type, guid: change.guid }
  const others = { type, guid: change.handle }
  connections.broadcastEach((member) => (shownTo(member, change) === change.guid ? own : others))
}

function shutOut({ connections }: House, { guid }: UserChange): void {
  for (const member of connections.of(guid)) {
    connections.leave(member)
    member.refuseEntry()
  }
}

async function renew({ connections, context }: House, { guid }: UserChange): Promise<void> {
  if (connections.of(guid).length === 0) return
  try {
    const known = await context.node.users.enter(guid)
    for (const member of connections.of(guid)) member.known = known
  } catch (err) {
    context.log.warn({ err }, 'a changed account could not be read')
  }
}

async function sayUser(house: House, change: UserChange): Promise<void> {
  await renew(house, change)
  for (const member of house.connections.of(change.guid)) member.tell(JSON.stringify(userTold(member.known)))
}
