/** Under which heading `realmesh --help` lists a command. Pure. */

/** In the order in which a person meets them. */
const GROUPED = {
  'Every day:': ['up', 'ask', 'status', 'peers', 'models', 'trace', 'doctor'],
  'Machines of yours, and friends:': ['invite', 'join', 'pair', 'name', 'consent', 'register', 'pause', 'resume'],
  'This machine:': ['engines', 'gpus', 'swarm', 'bootstrap'],
  'The running node, for its operator:': ['realms', 'workers', 'pools', 'queries', 'drain', 'undrain'],
  'Settings:': ['config', 'keys'],
  'Users and what is kept of them:': ['users', 'shards', 'backup', 'restore', 'verify'],
  'And:': ['completion', 'version', 'help'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export const HELP_GROUPS: readonly (readonly [heading: string, commands: readonly string[]])[] = Object.entries(GROUPED)

/** The heading of a command, or of a group of commands, by its first word. Undefined where it has none. */
export function helpGroupOf(word: string): string | undefined {
  return HELP_GROUPS.find(([, commands]) => commands.includes(word))?.[0]
}
