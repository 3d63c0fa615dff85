/**
 * Prints docs/errors.md: every error code with its meaning, what it becomes over HTTP and for a shell, and what to do.
 */
import '../core/node20-shim.ts'
import { EXIT, EXIT_OF } from '../bin/cli/exit-codes.ts'
import { ERROR_CODES, type ErrorCode } from '../core/realmesh-error.ts'
import { HTTP_ERRORS } from '../gateway/request/errors.ts'
import { ERROR_TEXTS, type ErrorGroup } from './error-texts.ts'

const INTRODUCTION = `# Errors

Generated from the tables of codes by \`npm run generate\`; do not edit.

Every error of realmesh has a stable code, one line of cause and, where there is one, one line of fix. Programs decide by the code, never by the text.

- **On the command line**: \`realmesh: CAUSE [CODE]\`, then \`  fix: …\`, and an exit status.
- **Over HTTP**: the status, and OpenAI's body: \`{"error": {"message", "type", "code", "param", …}}\`. Under \`/api\` it is Ollama's,
  with the rest beside it: \`{"error": "text", "code", "fix", …}\`. All carry \`x-should-retry\`; where
  waiting helps, \`Retry-After\` too. A stream that had begun ends with the same body as its last event;
  a whole answer that took more than 15 s may have sent blanks and status 200 before, and then is that body.
- **Between nodes**: the code and one line cross the wire; stacks and what is private to a node do not.

*Elsewhere* in the table says whether the router may try the same query at another worker or node before anyone is told of the failure.
`

const STATUSES: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'the query, or the daemon, failed',
  usage: 'the command line, or the request, is wrong',
  notRunning: 'no daemon answers',
  config: 'realms.yml, a flag or a variable is wrong',
  home: 'the home folder, its lock or a key file',
  bind: 'the address or the port cannot be had',
  tryLater: 'refused for now; the same may work later',
  warned: '`realmesh doctor` found nothing worse than a warning',
  faulty: '`realmesh doctor` found a fault',
  interrupted: 'Ctrl-C',
}

const CODES = Object.keys(ERROR_CODES) as ErrorCode[]

function overview(): string {
  const rows = CODES.map((code) => {
    const { status, code: outward } = HTTP_ERRORS[code]
    const elsewhere = ERROR_CODES[code].retryable ? 'yes' : ''
    return `| [${code}](#${code.toLowerCase()}) | ${status} | \`${outward}\` | ${EXIT_OF[code]} | ${elsewhere} |`
  })
  return `## All codes\n\n| code | HTTP | \`error.code\` | exit | elsewhere |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function entry(code: ErrorCode): string {
  const { meaning, advice } = ERROR_TEXTS[code]
  return `### ${code}\n\n${meaning} **Do:** ${advice}\n`
}

function section(group: ErrorGroup): string {
  const entries = CODES.filter((code) => ERROR_TEXTS[code].group === group).map(entry)
  return `## ${group}\n\n${entries.join('\n')}`
}

function exitStatuses(): string {
  const rows = Object.entries(EXIT).map(([name, status]) => `| ${status} | ${STATUSES[name as keyof typeof EXIT]} |`)
  return `## Exit statuses\n\n| status | it means |\n| --- | --- |\n${rows.join('\n')}\n`
}

const groups = [...new Set(CODES.map((code) => ERROR_TEXTS[code].group))]
process.stdout.write([INTRODUCTION, overview(), ...groups.map(section), exitStatuses()].join('\n'))
