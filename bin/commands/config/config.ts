/** `realmesh config show|get|set|path|validate|reload`: realms.yml as it is in force, and as it is written. */
import { resolve } from 'node:path'
import { type ConfigPath, parsePath } from '../../../config/config-path.ts'
import { requirePath, setValue, typedValue, unknownPath } from '../../../config/edit/set-value.ts'
import { checkConfig } from '../../../config/file/check-config.ts'
import { type ConfigProblem, describeProblem } from '../../../config/file/config-problem.ts'
import { warningsOf } from '../../../config/file/cross-check.ts'
import { type LoadedConfig, loadConfig, readConfigText } from '../../../config/file/load-config.ts'
import { cleanText } from '../../../core/clean-text.ts'
import { valueAt } from '../../../core/json/value-at.ts'
import { atomicWrite } from '../../../home/atomic-write.ts'
import { prepareHome } from '../../../home/home-folder.ts'
import { livingDaemon } from '../../../home/home-lock.ts'
import type { Changed } from '../../../node/api/changes.ts'
import type { ConfigCheck, ReloadReport } from '../../../node/api/config-control.ts'
import { type Invocation, type RunCommand, textFlag } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { printResult } from '../../cli/print.ts'
import { GatewayClient } from '../../client/gateway-client.ts'
import { changedResult } from '../control/changed-result.ts'

/** Every value that is in force, and where it came from. */
export const show: RunCommand = async (invocation) => {
  const loaded = await load(invocation)
  for (const warning of loaded.warnings) invocation.context.err(`warning: ${warning}\n`)
  const withOrigin = invocation.flags['origin'] === true
  const { values, origins } = loaded
  const json = withOrigin ? { values, origins: Object.fromEntries(origins) } : values
  return printResult(invocation, { json, text: asText(loaded, withOrigin) })
}

function asText({ values, origins, path }: LoadedConfig, withOrigin: boolean): string {
  const rows = [...origins].map(([at, origin]) => {
    const shown = `${at} = ${JSON.stringify(valueAt(values, parsePath(at) ?? []))}`
    return { shown, origin: origin.source === 'default' ? 'default' : `${origin.source} ${origin.where}` }
  })
  const width = Math.min(60, Math.max(...rows.map((row) => row.shown.length)))
  const lines = rows.map(({ shown, origin }) => (withOrigin ? `${shown.padEnd(width)}  # ${origin}` : shown))
  return `# ${path ?? 'no realms.yml: defaults'}\n${lines.join('\n')}\n`
}

/** One value that is in force. */
export const get: RunCommand = async (invocation) => {
  const path = requirePath(invocation.args[0] ?? '')
  const { values } = await load(invocation)
  const value = valueAt(values, path)
  if (value === undefined) throw unknownPath(path)
  const text = `${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`
  return printResult(invocation, { json: value, text })
}

/** Changes one value in the file, comments kept, and only when the file stays valid. */
export const set: RunCommand = async (invocation) => {
  const [where = '', value = ''] = invocation.args
  return await changeValue(invocation, { where, value, what: `${where} is now ${value}` })
}

/** One value of the file, as people type it at a command line. */
export interface ValueChange {
  /** Its path, such as `node.name`. */
  readonly where: string
  /** As YAML. */
  readonly value: string
  /** What has changed then, for the user. */
  readonly what: string
}

/** Makes a change, through the running node where one runs with that file. Gives the exit status. */
export async function changeValue(invocation: Invocation, change: ValueChange): Promise<number> {
  const { home, context } = invocation
  const path = requirePath(change.where)
  const { file, named } = configFileOf(invocation)
  const told = await throughNode(invocation, change, { file, path })
  if (told !== undefined) return told
  const edited = setValue((await readConfigText(file, true)) ?? '', path, change.value, file)
  if (!named) await prepareHome(home)
  await atomicWrite(file, edited)
  context.err(`${file}: ${change.what}; for a running node: realmesh config reload\n`)
  return EXIT.ok
}

/**
 * Lets the node that runs with this file change it, so that two writers never meet and the change is in force at once.
 * Gives the exit status; undefined where none runs with it.
 */
async function throughNode(
  invocation: Invocation,
  { where, value, what }: ValueChange,
  at: { readonly file: string; readonly path: ConfigPath },
): Promise<number | undefined> {
  const { home } = invocation
  if ((await livingDaemon(home)) === undefined) return undefined
  const client = await GatewayClient.connectAsOperator(home)
  const { path } = (await client.act('config/validate')) as ConfigCheck
  if (path !== at.file) return undefined
  const changed = await client.act('config/set', { path: where, value: typedValue(at.path, value) ?? null })
  return printResult(invocation, changedResult(changed as Changed, what))
}

/** Where the file lies, whether or not it is there. */
export const path: RunCommand = async (invocation) => {
  const { file } = configFileOf(invocation)
  const exists = (await readConfigText(file, true)) !== undefined
  if (!exists) invocation.context.err('it is not there yet: the defaults are in force\n')
  return printResult(invocation, { json: { path: file, exists }, text: `${file}\n` })
}

/** The file that a command is about, and whether a flag or a variable names it. */
export function configFileOf({ flags, home, context }: Invocation): { readonly file: string; readonly named: boolean } {
  const named = textFlag(flags, 'config') ?? (context.env['REALMESH_CONFIG'] || undefined)
  return { file: resolve(named ?? home.configFile), named: named !== undefined }
}

/** Everything that is wrong with a file, each with its place and what to do. */
export const validate: RunCommand = async ({ args, flags, home, context }) => {
  const named = args[0] ?? (context.env['REALMESH_CONFIG'] || undefined)
  const file = resolve(named ?? home.configFile)
  const text = await readConfigText(file, named === undefined)
  const checked = checkConfig(text ?? '', file)
  const problems: readonly ConfigProblem[] = checked.ok ? [] : checked.problems
  const warnings = checked.ok ? warningsOf(checked.file, Date.now()) : []
  if (flags['json'] === true) context.out(`${JSON.stringify({ path: file, valid: checked.ok, problems, warnings })}\n`)
  else if (checked.ok) context.out(`${file}: ${text === undefined ? 'no file; the defaults are valid' : 'valid'}\n`)
  else context.err(problems.map(problemText).join(''))
  if (flags['json'] !== true) context.err(warnings.map((warning) => `! ${warning}\n`).join(''))
  return checked.ok ? EXIT.ok : EXIT.config
}

/** In the two lines of an error. */
export function problemText(problem: ConfigProblem): string {
  const fix = problem.hint === undefined ? '' : `  fix: ${problem.hint}\n`
  return `${describeProblem(problem)} [${problem.code}]\n${fix}`
}

/** Lets the running node read its file again, and tells what came of it. */
export const reload: RunCommand = async (invocation) => {
  const client = await GatewayClient.connectAsOperator(invocation.home)
  const report = (await client.act('config/reload')) as ReloadReport
  const { applied, restart, problems } = report
  const lines = [
    applied.length === 0 ? 'nothing was put into force' : `in force: ${applied.join(', ')}`,
    ...(restart.length === 0 ? [] : [`waits for a restart: ${restart.join(', ')}`]),
    ...problems.map((problem) => `! ${cleanText(problem)}`),
  ]
  return printResult(invocation, { json: report, note: lines.join('\n') })
}

async function load({ flags, home, context }: Invocation): Promise<LoadedConfig> {
  return await loadConfig({ home, env: context.env, file: textFlag(flags, 'config') })
}
