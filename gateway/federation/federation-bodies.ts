/** What the paths of `/api/federation` take. Members that RENT-A-HAL does not know stand in one of their own. */
import { z } from 'zod'
import { boundedList } from '../../core/json/bounded-list.ts'
import { QUERY_ID } from '../../core/query/query.ts'
import { MAX_HOST_SERVICES, MAX_HOST_WORD, MAX_VIA } from '../../node/api/federation.ts'
import { samplingFields } from '../fields/sampling.ts'
import { rentAHalQuerySchema } from '../rentahal/query/query-schema.ts'
import { MAX_CHAT_MESSAGES, MAX_IMAGES_WANTED } from '../request/limits.ts'

const word = z.string().min(1).max(MAX_HOST_WORD)

export const joinSchema = z.object({
  federation_id: word,
  callback_url: word.refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), 'expected an address'),
})

export const advertiseSchema = joinSchema.extend({
  services: z
    .record(word, z.object({ primary_realm: word, worker_count: z.number().int().min(0).max(1_000_000) }))
    .refine(
      (services) => Object.keys(services).length <= MAX_HOST_SERVICES,
      `expected at most ${MAX_HOST_SERVICES} types`,
    ),
})

const { temperature, top_p, seed, stop, max_tokens } = samplingFields

const pixels = z.number().int().min(1).max(8_192)

/** What realmesh hosts say to each other beside. */
const realmeshPart = z.object({
  id: z.string().regex(QUERY_ID).optional(),
  /** How often the query may be handed on by the host that reads this. */
  hops_left: z.number().int().min(0).max(MAX_VIA).default(0),
  /** Federations that had it, the one where it began first. */
  via: boundedList(word, { max: MAX_VIA }).default([]),
  /** The conversation as it is; RENT-A-HAL gets it as one prompt. */
  messages: boundedList(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }), {
    max: MAX_CHAT_MESSAGES,
  }).optional(),
  ...{ temperature, top_p, seed, stop, max_tokens },
  negative_prompt: z.string().optional(),
  width: pixels.optional(),
  height: pixels.optional(),
  steps: z.number().int().min(1).max(1_000).optional(),
  count: z.number().int().min(1).max(MAX_IMAGES_WANTED).optional(),
  guidance: z.number().min(0).max(100).optional(),
})

export const routeSchema = z.object({
  query_type: z.string().max(MAX_HOST_WORD),
  query: rentAHalQuerySchema.extend({ query_type: z.string().max(MAX_HOST_WORD).optional() }),
  source_federation: word,
  realmesh: realmeshPart.optional(),
})

export type RouteBody = z.infer<typeof routeSchema>
