/** What a socket is told when it opens, in the order in which the original says it. */
import type { TypeTotals } from '../../../node/api/known-users.ts'
import { modelsTold, workersTold } from '../house/workers-told.ts'
import { BANNED } from '../messages/failure-told.ts'
import { cookieTold, errorTold, noticeTold, previousTold, userTold } from '../messages/told.ts'
import type { Told } from '../realm-connection-manager.ts'
import { tellActiveUsers } from './active-users.ts'
import type { House, Session } from './session-parts.ts'

/** Queries that are told of at first, and those that the page lists. */
const RECENT_QUERIES = 5
const LISTED_QUERIES = 10

/** Characters of a prompt in the first list. */
const SHOWN_PROMPT = 30

/** Users by name in the list of who is here: what a person reads, where a thousand sockets each get the list. */
export const MAX_NAMED_USERS = 50

/** Types of ours by the original's names, in its order. */
const SERVICES = [
  ['Chat', 'chat'],
  ['Vision', 'vision'],
  ['Imagine', 'imagine'],
  ['Speech_in', 'transcribe'],
  ['Speech_out', 'speak'],
] as const

/** Says who the user is. False: they are banned, have been told, and get nothing else. */
export function sayWho(session: Session, isFresh: boolean): boolean {
  const { known } = session
  if (isFresh) session.say(cookieTold(known.guid))
  session.say(userTold(known))
  if (known.banned) session.say(errorTold(BANNED))
  return !known.banned
}

/** Says all that follows. The session is among the connections by now. */
export async function greet(house: House, session: Session): Promise<void> {
  const { users } = house.context.node
  const { guid } = session.known
  const page = { limit: LISTED_QUERIES, texts: true, served: true }
  const queries = await users.history(guid, page)
  const totals = users.totals()
  const recent = queries.slice(0, RECENT_QUERIES).map(({ prompt = '', tookMs }) => {
    return `Query: ${prompt.slice(0, SHOWN_PROMPT)}... Time: ${fixed(tookMs / 1_000)}s`
  })
  session.say(noticeTold(['Your recent queries:', ...recent].join('\n') + (recent.length === 0 ? '\n' : '')))
  session.say(noticeTold(`Your total lifetime costs: $${fixed(session.known.totalCost)}`))
  session.say(noticeTold(`System-wide total lifetime costs: $${fixed(totals.cost)}`))
  const services = SERVICES.map(([name, type]) => `${name}: ${meanOf(totals.byType[type])}s`)
  session.say(noticeTold(['Average query service times:', ...services].join('\n')))
  const { connections } = house
  const most = Math.max(totals.mostConnected, connections.users)
  session.say(noticeTold(`Currently connected users: ${connections.users}\nMost users ever connected: ${most}`))
  session.say(noticeTold(['Connected users:', ...namedUsers(house)].join('\n')))
  session.say(previousTold(guid, queries))
  session.say(workersTold(house.view))
  session.say(modelsTold(house.view))
  if (session.sysop) tellActiveUsers(house)
}

/** The user's last queries, as the page lists them. */
export async function previousOf({ context }: House, guid: string): Promise<Told> {
  const queries = await context.node.users.history(guid, { limit: LISTED_QUERIES, texts: true, served: true })
  return previousTold(guid, queries)
}

function namedUsers({ connections }: House): readonly string[] {
  const named = connections.oneOfEach(MAX_NAMED_USERS).map(({ known: { nickname, queryCount, totalCost } }) => {
    return `Nick: ${nickname}, Queries: ${queryCount}, Total cost: $${fixed(totalCost)}`
  })
  const more = connections.users - named.length
  return more > 0 ? [...named, `and ${more} more`] : named
}

function meanOf(totals: TypeTotals | undefined): string {
  return fixed(totals === undefined || totals.queries === 0 ? 0 : totals.timeMs / totals.queries / 1_000)
}

function fixed(value: number): string {
  return value.toFixed(2)
}
