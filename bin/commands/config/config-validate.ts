/** `realmesh config validate [FILE]`: everything that is wrong with a file, each with its place and what to do. */
import { resolve } from 'node:path'
import { checkConfig } from '../../../config/file/check-config.ts'
import { type ConfigProblem, describeProblem } from '../../../config/file/config-problem.ts'
import { readConfigText } from '../../../config/file/load-config.ts'
import type { RunCommand } from '../../cli/command.ts'
import { EXIT } from '../../cli/exit-codes.ts'

export const run: RunCommand = async ({ args, flags, home, context }) => {
  const named = args[0] ?? (context.env['REALMESH_CONFIG'] || undefined)
  const path = resolve(named ?? home.configFile)
  const text = await readConfigText(path, named === undefined)
  const checked = checkConfig(text ?? '', path)
  const problems: readonly ConfigProblem[] = checked.ok ? [] : checked.problems
  if (flags['json'] === true) context.out(`${JSON.stringify({ path, valid: checked.ok, problems })}\n`)
  else if (checked.ok) context.out(`${path}: ${text === undefined ? 'no file; the defaults are valid' : 'valid'}\n`)
  else context.err(problems.map(describe).join(''))
  return checked.ok ? EXIT.ok : EXIT.config
}

function describe(problem: ConfigProblem): string {
  const fix = problem.hint === undefined ? '' : `  fix: ${problem.hint}\n`
  return `${describeProblem(problem)} [${problem.code}]\n${fix}`
}
