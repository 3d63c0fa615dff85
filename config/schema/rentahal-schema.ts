/** `node.rentahal` of realms.yml, what the node is for clients of RENT-A-HAL: as written, and as it is composed. */
import { z } from 'zod'
import { absolute } from './schema-parts.ts'

/** `keys`: a browser's socket needs a key wherever others do. `open`: its cookie is enough. */
const VISITORS = ['keys', 'open'] as const
export type Visitors = (typeof VISITORS)[number]

export const rentAHalSchema = z
  .strictObject({
    page: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder of a static page for browsers, served at `/rentahal/`. Everyone who reaches the port can read it.',
      ),
    root: z
      .boolean()
      .default(false)
      .describe('Serve the page at `/` too, to browsers; programs still read what they do.'),
    visitors: z
      .enum(VISITORS)
      .default('keys')
      .describe('Who may open the socket `/ws` where others need a key: bearers of one, or anybody by a cookie.'),
  })
  .prefault({})
  .describe("What the node is for RENT-A-HAL's clients.")

type RentAHalFile = z.output<typeof rentAHalSchema>

/** What the node is for RENT-A-HAL's clients. */
export interface RentAHalConfig {
  /** Folder of the page that is served at `/rentahal/`; undefined: there is none. */
  readonly page: string | undefined
  /** Whether browsers get the page at `/` too. Default false. */
  readonly root: boolean
  /** Default `keys`. */
  readonly visitors: Visitors
}

/** The section of a file that has passed the schema. `base` is what relative paths are relative to. */
export function resolveRentAHal({ page, root, visitors }: RentAHalFile, base: string): RentAHalConfig {
  return { page: absolute(page, base), root, visitors }
}
