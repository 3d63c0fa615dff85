/**
 * From arguments to an exit status: the table of commands as a commander program, whose complaints become `USAGE`
 * errors.
 */
import { Command, CommanderError, Option } from 'commander'
import { RealmeshError, toRealmeshError } from '../core/realmesh-error.ts'
import { homeFlag, homeFolder } from '../home/home-folder.ts'
import type { CommandSpec, Flags } from './cli/command.ts'
import type { CommandContext } from './cli/context.ts'
import { EXIT_OF } from './cli/exit-codes.ts'
import { lackOfFiles } from './cli/open-files.ts'
import { describeError } from './cli/print.ts'
import { withHome } from './cli/printed-commands.ts'
import { packageVersion } from './cli/version.ts'
import { COMMANDS } from './command-table.ts'
import { HELP_GROUPS, helpGroupOf } from './help-groups.ts'

const GROUPS: Readonly<Record<string, string>> = {
  swarm: 'several nodes on one machine',
  keys: 'API keys of the gateway',
  config: 'read, check and change realms.yml',
  shards: 'stores of user data',
  users: 'what is kept of users, and whether they may ask',
  queries: 'what runs for users of this node',
  realms: 'realms of the running node',
  workers: 'engines of the running node',
  pools: 'groups of workers in a realm',
}

const EXIT_HELP = `
Exit status: 0 done · 1 failed · 2 wrong command line · 3 no daemon
             4 wrong configuration · 5 home folder or key · 6 address or port
             7 refused for now, try later · 8, 9 doctor: warnings, faults
             130 interrupted`

/** Runs the command that `argv` names. Resolves to the exit status; whatever is thrown ends here, as two lines. */
export async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await runProgram(argv, context)
  } catch (caught) {
    const thrown = lackOfFiles(caught) ?? (await withWayOut(toRealmeshError(caught), context))
    const debug = argv.includes('--debug') || Boolean(context.env['REALMESH_DEBUG'])
    context.err(withHome(describeError(thrown, debug), homeFlagOf(argv, context)))
    return EXIT_OF[toRealmeshError(thrown).code]
  }
}

/** Who looked into the wrong home is told the right one. Loaded only then: most errors need no look at the disk. */
async function withWayOut(error: RealmeshError, { env }: CommandContext): Promise<RealmeshError> {
  if (error.code !== 'DAEMON_NOT_RUNNING') return error
  const { withRunningHomes } = await import('./daemon/running-homes.ts')
  return await withRunningHomes(error, env)
}

/** Of the home that the command line means, when it means one that can be. */
function homeFlagOf(argv: readonly string[], context: CommandContext): string {
  const at = argv.findIndex((word) => word === '--home' || word.startsWith('--home='))
  const named = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1])
  try {
    return homeFlag(homeFolder(named, context.env))
  } catch {
    return '' // that it cannot be is what the error says
  }
}

async function runProgram(argv: readonly string[], context: CommandContext): Promise<number> {
  let status = 0
  const program = command('realmesh', context)
    .description('A node of a peer-to-peer swarm that lets home GPU rigs answer for each other.')
    .version(packageVersion(), '-v, --version')
    .addHelpText('after', EXIT_HELP)
    .commandsGroup(helpGroupOf('help') ?? '')
    .helpCommand('help [command]', 'how a command is used')
  for (const spec of inHelpOrder(COMMANDS)) {
    attach(program, spec, context).action(async (...parameters: unknown[]) => {
      status = await invoke(spec, parameters, context)
    })
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) throw usageError(error, helpCommand(program, argv))
  }
  return status
}

/** The headings of the help stand in the order of the commands. */
function inHelpOrder(specs: readonly CommandSpec[]): readonly CommandSpec[] {
  const order = HELP_GROUPS.flatMap(([, words]) => words)
  const place = ({ name }: CommandSpec): number => order.indexOf(name.split(' ')[0] ?? '')
  return specs.toSorted((one, other) => place(one) - place(other))
}

function attach(program: Command, spec: CommandSpec, context: CommandContext): Command {
  const [first = '', second] = spec.name.split(' ')
  const parent = second === undefined ? program : group(program, first, context)
  const own = command(second ?? first, context).description(spec.text)
  if (spec.args !== undefined) own.arguments(spec.args)
  for (const { flag, text } of spec.options) own.addOption(new Option(flag, text))
  own.addOption(new Option('--home <DIR>', 'keep everything of this node in one folder'))
  own.addOption(new Option('--debug', 'print stacks with errors'))
  parent.addCommand(inHelpGroup(own, parent === program))
  return own
}

function group(program: Command, name: string, context: CommandContext): Command {
  const known = program.commands.find((candidate) => candidate.name() === name)
  if (known !== undefined) return known
  const made = command(name, context).description(GROUPS[name] ?? name)
  program.addCommand(inHelpGroup(made, true))
  return made
}

function inHelpGroup(made: Command, isTop: boolean): Command {
  const heading = isTop ? helpGroupOf(made.name()) : undefined
  return heading === undefined ? made : made.helpGroup(heading)
}

function command(name: string, context: CommandContext): Command {
  return new Command(name)
    .exitOverride()
    .enablePositionalOptions() // a flag behind `peers block` is that command's, not that of `peers`
    .configureOutput({ writeOut: context.out, writeErr: () => {}, outputError: () => {} })
    .helpOption('-h, --help', 'show this')
    .showSuggestionAfterError()
}

async function invoke(spec: CommandSpec, parameters: readonly unknown[], context: CommandContext): Promise<number> {
  const own = parameters.at(-1)
  if (!(own instanceof Command)) throw new TypeError('commander gives the command last')
  const flags = givenFlags(own)
  const home = homeFolder(typeof flags['home'] === 'string' ? flags['home'] : undefined, context.env)
  const err = (text: string): void => context.err(withHome(text, homeFlag(home)))
  const { run } = await spec.load()
  return await run({ args: own.args, flags, home, context: { ...context, err } })
}

/** Only what stood on the command line: defaults of commander's (`--no-x` means `x: true`) do not count. */
function givenFlags(own: Command): Flags {
  const flags: Record<string, string | boolean | readonly string[]> = {}
  for (const option of own.options) {
    const name = option.attributeName()
    if (own.getOptionValueSource(name) !== 'cli') continue
    const value: unknown = own.getOptionValue(name)
    if (option.negate) flags[`no${name.charAt(0).toUpperCase()}${name.slice(1)}`] = true
    else if (typeof value === 'string' || typeof value === 'boolean') flags[name] = value
    else if (Array.isArray(value)) flags[name] = value.map(String)
  }
  return flags
}

/** What shows the help of the command that `argv` means, as far as it names one. */
function helpCommand(program: Command, argv: readonly string[]): string {
  const path = ['realmesh']
  let at: Command | undefined = program
  for (const word of argv) {
    at = at.commands.find((candidate) => candidate.name() === word)
    if (at === undefined) break
    path.push(word)
  }
  return `${path.join(' ')} --help`
}

function usageError(error: CommanderError, help: string): RealmeshError {
  const [cause = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const isWhole = help === 'realmesh --help'
  const overview = `${help} lists the commands${isWhole ? '; realmesh up runs a node' : ''}`
  if (error.code === 'commander.help') return new RealmeshError('USAGE', 'no command given', { fix: overview })
  const near = suggestion?.replaceAll(/^\(|\)$/g, '')
  return new RealmeshError('USAGE', cause, { fix: near ?? (isWhole ? overview : `${help} tells how it is used`) })
}
