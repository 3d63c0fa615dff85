/** Commands that are printed for a person to type: they carry the `--home` that they need. Pure. */

/** The commands that speak to a home, as they are typed. */
export const HOME_COMMANDS = [
  'up',
  'bootstrap',
  'ask',
  'status',
  'peers',
  'models',
  'trace',
  'doctor',
  'engines',
  'consent',
  'register',
  'invite',
  'join',
  'pair',
  'name',
  'swarm key',
  'pause',
  'resume',
  'backup',
  'restore',
  'verify',
  ...['show', 'validate', 'get', 'set', 'edit', 'path', 'reload'].map((word) => `config ${word}`),
  ...['add', 'change', 'list', 'remove'].map((word) => `keys ${word}`),
  ...['status', 'add', 'drain', 'rebalance', 'repair', 'verify'].map((word) => `shards ${word}`),
  ...['list', 'export', 'erase', 'history', 'ban', 'unban', 'sysop', 'credit'].map((word) => `users ${word}`),
  ...['list', 'end'].map((word) => `queries ${word}`),
  ...['list', 'set', 'remove'].map((word) => `realms ${word}`),
  ...['list', 'add', 'change', 'remove', 'drain', 'undrain', 'test'].map((word) => `workers ${word}`),
  ...['list', 'set', 'remove', 'join', 'leave'].map((word) => `pools ${word}`),
  ...['friends', 'block', 'unblock', 'friend', 'unfriend', 'name'].map((word) => `peers ${word}`),
  'engines look',
  'drain',
  'undrain',
] as const

/** `peers block` is that command, and not `peers`. */
const LONGEST_FIRST = [...HOME_COMMANDS].sort((a, b) => b.length - a.length)

/** `LINE` stands for what another machine is given: that command is not for this home. */
const PRINTED = new RegExp(`\\brealmesh (${LONGEST_FIRST.join('|')})\\b(?! (?:--home|LINE))`, 'g')

/**
 * `text` with the flag behind each command; `homeFlag` is that of the home (home-folder.ts), empty for the usual one.
 */
export function withHome(text: string, homeFlag: string): string {
  return homeFlag === '' ? text : text.replaceAll(PRINTED, (command) => `${command}${homeFlag}`)
}
