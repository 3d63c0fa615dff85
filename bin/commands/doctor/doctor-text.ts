/** What the doctor found, as a person reads it: what is broken first, what is well in one paragraph. Pure. */
import { cleanText } from '../../../core/clean-text.ts'
import type { Diagnosis, Finding, FindingState } from '../../../core/model/finding.ts'
import { wrapLine } from '../../cli/wrap-text.ts'

/** What begins the line of a finding. Those without are folded into one. */
const MARKS: Partial<Readonly<Record<FindingState, string>>> = { fail: 'FAIL', warn: 'warn', unknown: ' ?  ' }

const INDENT = 5

/** `width`: of the terminal; infinite for a pipe. */
export function doctorText({ findings }: Diagnosis, width: number): string {
  const lines = findings.flatMap((finding) => describe(finding, width))
  const folded = ['ok', 'skipped'].flatMap((state) => {
    const codes = findings.filter((finding) => finding.state === state).map(({ code }) => nameOf(code))
    return codes.length === 0
      ? []
      : [wrapLine(`${state.padEnd(INDENT - 1)} ${[...new Set(codes)].join(', ')}`, width, INDENT)]
  })
  return `${[...lines, ...folded].join('\n')}\n`
}

function describe({ code, state, cause, fix }: Finding, width: number): readonly string[] {
  const mark = MARKS[state]
  if (mark === undefined) return []
  const lines = [wrapLine(`${mark} ${cleanText(cause)} [${code}]`, width, INDENT)]
  if (fix !== undefined)
    lines.push(`     ${wrapLine(`fix: ${cleanText(fix)}`, width - INDENT, INDENT).replaceAll('\n', '\n     ')}`)
  return lines
}

/** What was looked at. */
function nameOf(code: string): string {
  return code.split('.')[0] ?? code
}
