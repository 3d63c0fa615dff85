/** The operator's paths: one for each act. */
import { ADMIN_ACTIONS } from '../../admin/admin-actions.ts'
import type { RouteNotes } from './route-note.ts'

const SUMMARIES: Readonly<Record<string, string>> = {
  pause: 'Serves no other node for a while',
  resume: 'Serves other nodes again',
  reload: 'Reads the configuration again',
  'keys/reload': 'Reads the API keys again',
  'keys/usage': 'What keys with limits have used',
  backup: 'Copies all user data into a folder',
  'workers/list': 'Workers, and those that cannot be used',
  'workers/add': 'Adds a worker',
  'workers/change': 'Changes a worker',
  'workers/drain': 'Gives a worker nothing new',
  'workers/undrain': 'Gives a worker queries again',
  'workers/remove': 'Takes a worker out',
  'realms/set': 'Adds or replaces a realm',
  'realms/remove': 'Takes a realm out',
  'invitations/create': 'Makes an invitation into the home',
  'invitations/list': 'Invitations that were made',
  'invitations/revoke': 'Takes an invitation back',
  'invitations/join': 'Follows an invitation of another node',
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
}

export const ADMIN_NOTES: RouteNotes = Object.fromEntries(
  Object.entries(ADMIN_ACTIONS).map(([name, { body }]) => [
    `POST /api/admin/${name}`,
    { family: 'realmesh', access: 'admin', summary: SUMMARIES[name] ?? name, body } as const,
  ]),
)
