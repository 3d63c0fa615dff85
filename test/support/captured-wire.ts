/** Pages of real engines as they were captured: llama-server b11549, Ollama 0.17.4 (the first part of what it shows). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../engines/http/json-shape.ts'
import { ROOT } from './markdown.ts'

export function capturedJson(name: string): JsonObject {
  return JSON.parse(readFileSync(join(ROOT, 'test', 'fixtures', 'wire', name), 'utf8')) as JsonObject
}
