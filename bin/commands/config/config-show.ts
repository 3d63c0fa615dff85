/** `realmesh config show`: every value that is in force, and where it came from. */
import { parsePath, valueAt } from '../../../config/config-path.ts'
import { type LoadedConfig, loadConfig } from '../../../config/file/load-config.ts'
import { type RunCommand, textFlag } from '../../cli/command.ts'

export const run: RunCommand = async ({ flags, home, context }) => {
  const file = textFlag(flags, 'config')
  const loaded = await loadConfig({ home, env: context.env, file })
  for (const warning of loaded.warnings) context.err(`warning: ${warning}\n`)
  const withOrigin = flags['origin'] === true
  if (flags['json'] === true) context.out(`${JSON.stringify(asJson(loaded, withOrigin))}\n`)
  else context.out(asText(loaded, withOrigin))
  return 0
}

function asJson({ values, origins }: LoadedConfig, withOrigin: boolean): unknown {
  return withOrigin ? { values, origins: Object.fromEntries(origins) } : values
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
