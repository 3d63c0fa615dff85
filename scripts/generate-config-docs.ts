/** Prints docs/config.md: every key of realms.yml with its values, its default, its flag and its variable. */
import '../core/node20-shim.ts'
import { SETTINGS } from '../config/file/settings.ts'
import { configJsonSchema } from '../config/schema/file-schema.ts'

interface Schema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

interface Section {
  readonly path: string
  readonly schema: Schema
}

/** Numbers that only keep nonsense out are no news for a reader. */
const UNTOLD_LIMIT = 100_000

const INTRODUCTION = `# Configuration

Generated from the schema by \`npm run generate\`; do not edit.

A node needs no configuration. What it has is read from, in this order: flags of \`realmesh up\`, variables \`REALMESH_…\`, the file
\`realms.yml\`, defaults. The file lies in the home folder (\`~/.config/realmesh/realms.yml\`, or \`DIR/realms.yml\` with \`--home DIR\`); \`--config FILE\`
names another one.

- \`realmesh config validate [FILE]\` tells everything that is wrong: file, line, column, what was expected, and what to do.
- \`realmesh config show --origin\` prints every value of the file, of variables and of defaults, and where it came from. Flags that a
  running node was started with are not in it.
- \`realmesh config get PATH\` and \`realmesh config set PATH VALUE\` read and change one value; comments are kept.
- A running node reads the file again at SIGHUP. An invalid file changes nothing.

The file is YAML 1.2: only \`true\` and \`false\` are truth values, merge keys (\`<<\`) are off, and a key such as \`00\` must be written \`"00"\`, for
without quotes it is a number. Keys that are not known are errors. Editors complete the file with [realms.schema.json](realms.schema.json):
put \`# yaml-language-server: $schema=realms.schema.json\` into its first line.

Beside the realms of the file there are two that stand by: \`$HEAR\` for recordings (\`transcribe\`) and \`$SPEAK\` for speech (\`speak\`), with the defaults
below. They show once an engine within reach serves them. A realm of the file for such a type takes its place. Ranking (\`rerank\`), embeddings and counts of
tokens (\`tokens\`) begin in the realm for \`chat\` unless a realm is named for them.

The shortest useful file:

\`\`\`yaml
workers:
  - name: desk
    engine: ollama
    url: http://127.0.0.1:11434
    schedule: mon-fri 18:00-08:00; sat,sun
node:
  share: friends
\`\`\`
`

function sections(path: string, schema: Schema): readonly Section[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => nested(join(path, key), child))
  return [{ path, schema }, ...below]
}

function nested(path: string, schema: Schema): readonly Section[] {
  if (schema.properties !== undefined) return sections(path, schema)
  const other = schema.additionalProperties
  if (typeof other === 'object' && other.properties !== undefined) return sections(`${path}.NAME`, other)
  if (schema.items?.properties !== undefined) return sections(`${path}[]`, schema.items)
  return []
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function sectionText({ path, schema }: Section): string {
  const title = path === '' ? '## Top level' : `## \`${path}\``
  const rows = Object.entries(schema.properties ?? {}).map(([key, child]) => {
    const needed = schema.required?.includes(key) === true
    return `| \`${key}\` | ${typeText(child)} | ${defaultText(child, needed)} | ${cell(child.description ?? '')} |`
  })
  const text = schema.description === undefined ? '' : `${schema.description}\n\n`
  return `${title}\n\n${text}| key | value | default | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function typeText(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(' ')
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' or ')
  if (schema.type === 'array') return schema.items?.properties === undefined ? 'list' : 'list of sections'
  if (schema.type === 'object') return schema.properties === undefined ? 'map' : 'section'
  if (schema.type === 'boolean') return '`true` `false`'
  if (schema.type === 'string') return 'text'
  return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeText(schema)}`
}

function rangeText({ minimum, maximum }: Schema): string {
  const from = minimum === undefined || minimum < -UNTOLD_LIMIT ? '' : ` from ${minimum}`
  return maximum === undefined || maximum >= UNTOLD_LIMIT ? from : `${from} to ${maximum}`
}

function defaultText(schema: Schema, needed: boolean): string {
  if (needed) return '**required**'
  const isSection = schema.properties !== undefined
  if (schema.default === undefined || isSection) return ''
  if (typeof schema.default === 'object' && Object.keys(schema.default ?? {}).length === 0) return 'empty'
  if (schema.type === 'object') return '`$CHAT`, `$VISION` and `$IMAGINE`'
  return `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function flagsText(): string {
  const rows = SETTINGS.map(({ flag, env, path }) => `| \`${cell(flag)}\` | \`${env}\` | \`${path.join('.')}\` |`)
  return `## Flags and variables\n\n| flag of \`realmesh up\` | variable | key |\n| --- | --- | --- |\n${rows.join('\n')}

A list in a variable is parted by commas or blanks. \`REALMESH_HOME\` stands for \`--home\`, \`REALMESH_CONFIG\` for \`--config\`, \`REALMESH_JSON\` for
\`--json\` of \`up\`, \`REALMESH_DEBUG\` for \`--debug\`; \`REALMESH_API_KEY\` is the key that commands send to a gateway that wants one.\n`
}

const root = configJsonSchema() as Schema
const parts = [INTRODUCTION, ...sections('', root).map(sectionText), flagsText()]
process.stdout.write(parts.join('\n'))
