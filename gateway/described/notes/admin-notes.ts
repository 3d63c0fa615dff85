/** The operator's paths: one for each act. */
import { ADMIN_ACTIONS } from '../../admin/admin-actions.ts'
import { doctorQuery } from '../../admin/doctor-route.ts'
import { changedRealm, newRealm } from '../../admin/realm-routes.ts'
import { diagnosis, listedRealms } from './answers.ts'
import type { RouteNotes } from './route-note.ts'

const SUMMARIES: Readonly<Record<string, string>> = {
  pause: 'Serves no other node for a while',
  resume: 'Serves other nodes again',
  'node/drain': 'Takes no new query, of nobody',
  'node/undrain': 'Takes queries again',
  backup: 'Copies all user data into a folder',
  'config/get': 'A value that is in force, and where it came from',
  'config/set': 'Changes a value of the configuration',
  'config/validate': 'What is wrong with the configuration',
  'config/diff': 'What a reload would change',
  'config/reload': 'Reads the configuration again',
  'keys/list': 'API keys, without the keys themselves',
  'keys/add': 'Makes an API key',
  'keys/change': 'Changes what an API key is for',
  'keys/remove': 'Takes an API key back',
  'keys/reload': 'Reads the API keys again',
  'keys/usage': 'What keys with limits have used',
  'workers/list': 'Workers, and those that cannot be used',
  'workers/add': 'Adds a worker',
  'workers/change': 'Changes a worker',
  'workers/drain': 'Gives a worker nothing new',
  'workers/undrain': 'Gives a worker queries again',
  'workers/remove': 'Takes a worker out',
  'workers/test': 'Asks an engine whether it answers and what it has',
  'engines/list': 'What the last look at this machine saw',
  'engines/look': 'Looks for engines on this machine now',
  'realms/set': 'Adds or replaces a realm',
  'realms/change': 'Changes some of a realm',
  'realms/remove': 'Takes a realm out',
  'invitations/create': 'Makes an invitation into the home',
  'invitations/list': 'Invitations that were made',
  'invitations/revoke': 'Takes an invitation back',
  'invitations/join': 'Follows an invitation of another node',
  'pairings/list': 'Pairings that are under way',
  'pairings/begin': 'Asks a node to be paired, or answers one that asks',
  'pairings/answer': "The owner's word on the digits that both nodes show",
  'pairings/wait': 'Waits until a pairing goes on',
  'pools/list': 'Groups of workers',
  'pools/set': 'Adds or replaces a pool',
  'pools/remove': 'Takes a pool out; its workers stay',
  'pools/join': 'Puts a worker into a pool',
  'pools/leave': 'Takes a worker out of a pool',
  'peers/list': 'Nodes that are known, blocked, friends or named',
  'peers/block': 'Cuts a node off and keeps it out',
  'peers/unblock': 'Lets a node in again',
  'peers/friend': 'Makes a node or a federation a friend',
  'peers/unfriend': 'Ends a friendship',
  'peers/name': 'Gives a node a name of your own',
  'shards/status': 'The stores of user data',
  'shards/add': 'Opens another store',
  'shards/drain': 'Moves everyone out of a store',
  'shards/rebalance': 'Spreads users over the stores',
  'shards/repair': 'Puts a repaired store back into service',
  'shards/verify': 'Reads every record of every store',
  'users/list': 'Who there is',
  'users/export': 'Everything that is kept of a user',
  'users/erase': 'Removes everything that is kept of a user',
  'users/settings': 'What a user wants kept',
  'users/ban': 'Shuts a user out at every door',
  'users/unban': 'Lets a user in again',
  'users/sysop': 'Makes a user a sysop, or one no more',
  'users/history': 'What a user asked, newest first',
  'users/credit': 'Gives a user credits, or takes them',
  'queries/list': 'Queries that run for users of this node',
  'queries/terminate': 'Ends queries, by id or by user',
}

const ACTS: RouteNotes = Object.fromEntries(
  Object.entries(ADMIN_ACTIONS).map(([name, { body }]) => [
    `POST /api/admin/${name}`,
    { family: 'realmesh', access: 'admin', summary: SUMMARIES[name] ?? name, body } as const,
  ]),
)

const DOCTOR: RouteNotes = {
  'GET /api/doctor': {
    family: 'realmesh',
    access: 'admin',
    summary: 'What is broken and what helps, of the node or of one peer',
    query: doctorQuery,
    answer: diagnosis,
  },
}

const REALMS: RouteNotes = {
  'GET /api/admin/realms': {
    family: 'realmesh',
    access: 'user',
    summary: 'The realms as RENT-A-HAL lists them',
    answer: listedRealms,
  },
  'POST /api/admin/realms': { family: 'realmesh', access: 'admin', summary: 'Adds a realm', body: newRealm },
  'PUT /api/admin/realms/:name': {
    family: 'realmesh',
    access: 'admin',
    summary: 'Changes a realm',
    body: changedRealm,
  },
  'DELETE /api/admin/realms/:name': { family: 'realmesh', access: 'admin', summary: 'Takes a realm out' },
}

export const ADMIN_NOTES: RouteNotes = { ...DOCTOR, ...REALMS, ...ACTS }
