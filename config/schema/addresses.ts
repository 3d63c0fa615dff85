/** `HOST:PORT` and `KIND=URL`, as flags and files write them. */
import { isNamedEngineKind, type NamedEngineKind } from '../../core/model/engine-kind.ts'

/** An engine named on the command line or in `node.engines`, before it is a worker with a name. */
export interface EngineAddress {
  readonly kind: NamedEngineKind
  readonly url: string
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:5000`, `localhost:0` or `[::1]:5000`; undefined when `text` is neither. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

/**
 * The two halves of `ollama=http://127.0.0.1:11434` or `llama=file:///models/tiny.gguf`; undefined when `text` is not
 * of that form.
 */
export function splitEngineAddress(text: string): { readonly kind: string; readonly url: string } | undefined {
  const [, kind, url] = /^([a-z][a-z0-9-]*)=((?:https?|file):\/\/.+)$/.exec(text) ?? []
  return kind === undefined || url === undefined || !URL.canParse(url) ? undefined : { kind, url: trimUrl(url) }
}

/**
 * An engine's kind and address; undefined when `text` is not of that form, or there is no such kind. A slash at the end
 * is dropped.
 */
export function parseEngineAddress(text: string): EngineAddress | undefined {
  const { kind = '', url = '' } = splitEngineAddress(text) ?? {}
  return isNamedEngineKind(kind) ? { kind, url } : undefined
}

/** A base URL without slashes at its end. */
export function trimUrl(url: string): string {
  return url.replace(/\/+$/, '')
}
