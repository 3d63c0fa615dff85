/** Applies an edit to the text of a realms.yml. Pure. */
import { checkConfig } from '../file/check-config.ts'
import { problemsError } from '../file/config-problem.ts'
import { readYaml } from '../yaml/read-yaml.ts'
import type { ConfigEdit, WrittenConfig } from './edits.ts'
import { rewriteText } from './rewrite-text.ts'

/**
 * The text with the edit in it and everything else as it was. Throws `CONFIG_INVALID` (or `BAD_MULTIADDR`) when the
 * file would not be valid afterwards; `name` stands in the message.
 */
export function editText(text: string, edit: ConfigEdit, name: string): string {
  const { value, problems } = readYaml(text)
  if (problems.length > 0) throwProblems(text, name)
  const edited = rewriteText(text, edit((value ?? {}) as WrittenConfig))
  throwProblems(edited, name)
  return edited
}

function throwProblems(text: string, name: string): void {
  const checked = checkConfig(text, name)
  if (!checked.ok) throw problemsError(checked.problems)
}
