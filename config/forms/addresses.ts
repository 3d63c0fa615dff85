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

/** Whether `text` names a host as a `Host` header does: `rig.lan`, `rig.lan:8443` or `[fd00::5]`. */
export function isHostName(text: string): boolean {
  return /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::\d{1,5})?$/i.test(text)
}

/**
 * Whether `text` is an origin as browsers send it: `https://chat.example.org`, `app://obsidian.md`; or one of many:
 * `http://localhost:*` with any port, `vscode-webview://*` with any place. Never `null`.
 */
export function isOrigin(text: string): boolean {
  if (/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\*$/.test(text)) return true
  if (/^https?:/.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return /^[a-z][a-z0-9+.-]*:\/\/(?:\*|[A-Za-z0-9._~-]+(?::\d{1,5})?)$/.test(text)
}

/** A base URL without slashes at its end. */
export function trimUrl(url: string): string {
  return url.replace(/\/+$/, '')
}
