/** The commands of the operator that change a running node: workers, realms, peers, users and what runs. */
import type { CommandSpec, OptionSpec } from './cli/command.ts'
import type { ChangeAct } from './commands/control/change-acts.ts'
import { UNTIL_RESTART } from './commands/control/changed-result.ts'
import type { UserAct } from './commands/control/user-acts.ts'

const JSON_OUTPUT: OptionSpec = { flag: '--json', text: 'print JSON instead of text' }
const SET: OptionSpec = { flag: '--set <KEY=VALUE...>', text: 'a setting of docs/config.md, such as slots=2' }
const UNTIL: OptionSpec = { flag: '--until <DATE>', text: 'when the friendship ends, such as 2030-01-31' }
const FEDERATION: OptionSpec = { flag: '--federation', text: 'PEER is the id of a whole federation' }

/** A command that looks, or that lasts until the restart. */
function looks(name: ChangeAct, text: string, args?: string, options: readonly OptionSpec[] = []): CommandSpec {
  const load = async () => ({ run: (await import('./commands/control/change-acts.ts')).CHANGE_ACTS[name] })
  return { name, ...(args !== undefined && { args }), text, options: [...options, JSON_OUTPUT], load }
}

/** A command whose change stands in realms.yml from then on. */
function writes(name: ChangeAct, text: string, args: string, options: readonly OptionSpec[] = []): CommandSpec {
  return looks(name, text, args, [...options, UNTIL_RESTART])
}

function onUsers(name: UserAct, text: string, args?: string, options: readonly OptionSpec[] = []): CommandSpec {
  const load = async () => ({ run: (await import('./commands/control/user-acts.ts')).USER_COMMANDS[name] })
  return { name, ...(args !== undefined && { args }), text, options: [...options, JSON_OUTPUT], load }
}

const GUID = 'by GUID (- reads it from stdin) or handle'

export const CONTROL_COMMANDS: readonly CommandSpec[] = [
  looks('drain', 'take no new query, not even yours; what runs goes on'),
  looks('undrain', 'take queries again'),

  looks('realms list', 'the realms of the configuration'),
  writes('realms set', 'add a realm, or put another in its place', '<NAME> <TYPE>', [SET]),
  writes('realms remove', 'take a realm out; it finishes what it accepted', '<NAME>'),

  looks('workers list', 'workers, and those that cannot be used'),
  writes('workers add', 'add an engine', '<NAME> <ENGINE> [URL]', [SET]),
  writes('workers change', 'put other settings in place of those of a worker', '<NAME> <ENGINE> [URL]', [SET]),
  writes('workers remove', 'take a worker out, and keep its engine out', '<NAME>'),
  looks('workers drain', 'give a worker nothing new; what runs goes on', '<NAME>'),
  looks('workers undrain', 'give a worker queries again', '<NAME>'),
  looks('workers test', 'ask an engine, of a worker or before it is one, what it has', '<NAME> [ENGINE] [URL]', [SET]),

  looks('pools list', 'groups of workers'),
  writes('pools set', 'add a group of workers to a realm, or replace one', '<REALM> <POOL> [WORKER...]', [
    { flag: '--strategy <WORD>', text: 'how a worker of it is chosen (default health)' },
  ]),
  writes('pools remove', 'take a group out; its workers stay', '<REALM> <POOL>'),
  writes('pools join', 'put a worker into a group', '<REALM> <POOL> <WORKER>'),
  writes('pools leave', 'take a worker out of a group', '<REALM> <POOL> <WORKER>'),

  looks('engines look', 'let the running node look for engines on this machine now'),

  looks('peers friends', 'friends, blocked nodes, and names that you gave'),
  writes('peers block', 'cut a node off and keep it out; PEER is an id, its end, or your name for it', '<PEER>'),
  writes('peers unblock', 'let a node in again', '<PEER>'),
  writes('peers friend', 'make a node, or a federation, a friend', '<PEER>', [FEDERATION, UNTIL]),
  writes('peers unfriend', 'end a friendship', '<PEER>', [FEDERATION]),
  writes('peers name', 'what you call a node; without NAME no more', '<PEER> [NAME]'),

  onUsers('users ban', `shut a user out at every door, at once, ${GUID}`, '<USER|->'),
  onUsers('users unban', `let a user in again, ${GUID}`, '<USER|->'),
  onUsers('users sysop', `make a user a sysop, or one no more, ${GUID}`, '<USER|-> <on|off>'),
  onUsers(
    'users history',
    `what a user asked; with a word: keep their texts, or no longer, ${GUID}`,
    '<USER|-> [on|off]',
    [{ flag: '--limit <N>', text: 'queries at most (default 100)' }],
  ),
  onUsers('users credit', `give a user credits, or take them, ${GUID}`, '<USER|-> <CREDITS>', [
    { flag: '--id <ID>', text: 'the same id counts once' },
    { flag: '--note <TEXT>', text: 'for the user' },
  ]),

  onUsers('queries list', 'what runs for users of this node'),
  onUsers('queries end', 'end a query, or all of a user', '[ID]', [
    { flag: '--user <WHO>', text: 'of this user, by handle' },
  ]),
]
