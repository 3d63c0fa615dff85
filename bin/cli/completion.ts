/** `realmesh completion SHELL`: what makes a shell complete commands and flags, from the table of commands. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CommandSpec, RunCommand } from './command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

const COMMON_FLAGS = ['--home', '--debug', '--help']

/** The command. The table comes in from outside: it knows this command, so this file must not know it. */
export function completionOf(commands: readonly CommandSpec[]): RunCommand {
  return async ({ args, context }) => {
    const shell = SHELLS.find((known) => known === args[0])
    if (shell === undefined) {
      throw new RealmeshError('USAGE', `completion ${args[0]}: expected one of ${SHELLS.join(', ')}`, {
        fix: 'for bash: source <(realmesh completion bash)',
      })
    }
    context.out(completionScript(shell, commands))
    return 0
  }
}

/** What a user's shell startup file sources. */
export function completionScript(shell: Shell, commands: readonly CommandSpec[]): string {
  return SCRIPTS[shell](commands)
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandSpec[]) => string>> = {
  bash: bashScript,
  // zsh understands bash's completions once told so.
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
  fish: fishScript,
}

/** The first words that may follow `realmesh`. */
function firstWords(commands: readonly CommandSpec[]): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? name))]
}

function flagsOf(command: CommandSpec): readonly string[] {
  const own = command.options.flatMap(({ flag }) => flag.match(/--[a-z-]+/) ?? [])
  return [...own, ...COMMON_FLAGS]
}

/** Flags whose value is one of a few words, with them. */
function choices(commands: readonly CommandSpec[]): readonly (readonly [flag: string, words: readonly string[]])[] {
  const options = commands.flatMap((command) => command.options)
  const found = options.flatMap(({ flag }) => {
    const [, name, words] = /(--[a-z-]+) <([a-z]+(?:\|[a-z]+)+)>/.exec(flag) ?? []
    return name === undefined || words === undefined ? [] : [[name, words.split('|')] as const]
  })
  return [...new Map(found)]
}

function bashScript(commands: readonly CommandSpec[]): string {
  const groups = firstWords(commands.filter(({ name }) => name.includes(' ')))
  const below = groups.map((word) => {
    const words = commands.flatMap(({ name }) => (name.startsWith(`${word} `) ? [name.slice(word.length + 1)] : []))
    return `    '${word} '*) words='${words.join(' ')}' ;;`
  })
  const flags = commands.map((command) => `    '${command.name} '*) words='${flagsOf(command).join(' ')}' ;;`)
  const values = choices(commands).map(([flag, words]) => `    ${flag}) words='${words.join(' ')}' ;;`)
  // The longer name comes first: a word of a group is complete when a blank follows it.
  return `_realmesh() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line words=''
  line="\${COMP_WORDS[*]:1:COMP_CWORD-1} "
  case "$line" in
    ' ') words='${firstWords(commands).join(' ')}' ;;
${[...flags, ...below].join('\n')}
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _realmesh realmesh
`
}

function fishScript(commands: readonly CommandSpec[]): string {
  const values = new Map(choices(commands))
  const lines = commands.flatMap((command) => {
    const words = command.name.split(' ')
    const seen = `__fish_seen_subcommand_from ${words[0]}`
    const name =
      words.length === 1
        ? `complete -c realmesh -n __fish_use_subcommand -f -a ${words[0]} -d ${quoted(command.text)}`
        : `complete -c realmesh -n '${seen}' -f -a ${words[1]} -d ${quoted(command.text)}`
    return [
      name,
      ...flagsOf(command).map(
        (flag) => `complete -c realmesh -n '${seen}' -l ${flag.slice(2)}${chosen(values.get(flag))}`,
      ),
    ]
  })
  const groups = firstWords(commands.filter(({ name }) => name.includes(' ')))
  return `${[...groups.map((word) => `complete -c realmesh -n __fish_use_subcommand -f -a ${word}`), ...new Set(lines)].join('\n')}\n`
}

/** What makes fish offer these words behind a flag. */
function chosen(words: readonly string[] | undefined): string {
  return words === undefined ? '' : ` -xa ${quoted(words.join(' '))}`
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`
}
