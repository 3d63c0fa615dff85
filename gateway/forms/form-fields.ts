/** Fields of forms, which are text whatever they mean. */
import { z } from 'zod'
import type { FormBody } from './form-body.ts'

/** Yes or no, in the spellings of curl users and of Python. */
export const yesOrNo = z
  .enum(['true', 'false', '1', '0', 'True', 'False'])
  .transform((text) => /^(true|1)$/i.test(text))

/** A field that is there and empty says nothing: forms of pages have many. */
export function saidFields(fields: FormBody['fields']): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
}
