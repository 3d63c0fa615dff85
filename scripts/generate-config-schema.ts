/** Prints docs/realms.schema.json: the JSON Schema of realms.yml, with which editors complete and check the file. */
import '../core/node20-shim.ts'
import { configJsonSchema } from '../config/schema/file-schema.ts'

const schema = { title: 'realms.yml of realmesh', ...configJsonSchema() }
process.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`)
