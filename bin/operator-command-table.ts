/** The commands of the operator: those that need the admin token of the home, and those for a node that is stopped. */
import type { CommandSpec, OptionSpec } from './cli/command.ts'
import type { OperatorAct } from './commands/data/operator-acts.ts'

const JSON_OUTPUT: OptionSpec = { flag: '--json', text: 'print JSON instead of text' }

const act = (name: OperatorAct): CommandSpec['load'] => {
  return async () => ({ run: (await import('./commands/data/operator-acts.ts')).OPERATOR_ACTS[name] })
}

const GUID = 'a GUID is a credential and others see your command line: - reads it from stdin'

export const OPERATOR_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'pause',
    args: '[DURATION]',
    text: 'serve no other node, for 90s, 30m, 2h or 1d, or until resume',
    options: [JSON_OUTPUT],
    load: act('pause'),
  },
  {
    name: 'resume',
    text: 'serve other nodes again',
    options: [JSON_OUTPUT],
    load: act('resume'),
  },
  {
    name: 'shards status',
    text: 'the stores of user data',
    options: [JSON_OUTPUT],
    load: act('shards status'),
  },
  {
    name: 'shards add',
    args: '<NAME>',
    text: 'open another store and move its share of the users there; queries go on',
    options: [{ flag: '--at <PLACE>', text: 'level:PATH or redis://… (default level:NAME in the home)' }, JSON_OUTPUT],
    load: act('shards add'),
  },
  {
    name: 'shards drain',
    args: '<NAME>',
    text: 'move all users out of a store; queries go on',
    options: [JSON_OUTPUT],
    load: act('shards drain'),
  },
  {
    name: 'shards rebalance',
    args: '[NAME...]',
    text: 'spread users over the named stores, or over all, drained ones too',
    options: [JSON_OUTPUT],
    load: act('shards rebalance'),
  },
  {
    name: 'shards repair',
    args: '<NAME>',
    text: 'put what the repair of a damaged store brought back into service, whatever is missing from it',
    options: [JSON_OUTPUT],
    load: act('shards repair'),
  },
  {
    name: 'shards verify',
    text: 'let the running node read every record of its shards',
    options: [JSON_OUTPUT],
    load: act('shards verify'),
  },
  {
    name: 'users list',
    text: 'who asked through this gateway, with the GUIDs that the other commands take',
    options: [JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/data/users-list.ts')).run }),
  },
  {
    name: 'users export',
    args: '<GUID|->',
    text: `everything that is kept of a user, as JSON; ${GUID}`,
    options: [
      { flag: '--out <FILE>', text: 'write it to a new file that only you may read' },
      { flag: '--json', text: 'with --out: print the name of the file as JSON' },
    ],
    load: () => import('./commands/data/users-export.ts'),
  },
  {
    name: 'users erase',
    args: '<GUID|->',
    text: `remove everything that is kept of a user; ${GUID}`,
    options: [{ flag: '--yes', text: 'I know that this cannot be undone' }, JSON_OUTPUT],
    load: act('users erase'),
  },
  {
    name: 'backup',
    args: '<DIR>',
    text: 'copy all user data while the node runs; only what is new when DIR holds a backup',
    options: [JSON_OUTPUT],
    load: act('backup'),
  },
  {
    name: 'restore',
    args: '<DIR>',
    text: 'put a backup in the place of the user data of a stopped node',
    options: [{ flag: '--config <FILE>', text: 'read this file instead of realms.yml in the home' }, JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/data/stopped-node.ts')).restoreHome }),
  },
  {
    name: 'verify',
    args: '[DIR]',
    text: 'read a whole backup; without DIR, all user data of a stopped node',
    options: [{ flag: '--config <FILE>', text: 'read this file instead of realms.yml in the home' }, JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/data/stopped-node.ts')).verifyHome }),
  },
]
