/** The page of `test/fixtures/rentahal-page`, which sends every message of `/ws`, as a person uses it. */
import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

export interface AskedOnPage {
  readonly prompt: string
  /** @default 'chat' */
  readonly kind?: 'chat' | 'vision' | 'imagine' | 'speech'
  /** @default 'worker_node' */
  readonly by?: 'worker_node' | 'huggingface' | 'claude' | 'speech'
  readonly file?: { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }
  /** Sends the file in pieces, the last first. @default false */
  readonly inPieces?: boolean
}

/** A person's browser with one tab or more. */
export class Person {
  readonly #context: BrowserContext
  readonly #url: string

  private constructor(context: BrowserContext, url: string) {
    this.#context = context
    this.#url = url
  }

  static async arrive(browser: Browser, url: string): Promise<Person> {
    const context = await browser.newContext()
    context.setDefaultTimeout(0) // what never comes is the test runner's to end
    return new Person(context, url)
  }

  /** Opens the page and waits until the node has told everything that it tells at first. */
  async tab(): Promise<EveryMessagePage> {
    const page = await this.#context.newPage()
    const tab = new EveryMessagePage(page)
    await page.goto(this.#url)
    await tab.until('#nickname', /./)
    await page.waitForFunction(() => (globalThis as unknown as SeenPage).client.seen.includes('huggingface_update'))
    return tab
  }

  async guid(): Promise<string> {
    const cookie = (await this.#context.cookies()).find(({ name }) => name === 'user_guid')
    return cookie?.value ?? assert.fail('the page has no user')
  }

  async leave(): Promise<void> {
    await this.#context.close()
  }
}

interface SeenPage {
  readonly client: { readonly faults: string[]; readonly seen: string[] }
}

/** Runs in the page. */
const PROMPT_IS = (text: string): boolean =>
  (globalThis as unknown as { ask: { elements: { prompt: { value: string } } } }).ask.elements.prompt.value === text

export class EveryMessagePage {
  readonly #page: Page
  readonly #crashes: string[] = []

  constructor(page: Page) {
    this.#page = page
    page.on('pageerror', ({ message }) => this.#crashes.push(message))
  }

  /** Resolves when the text at `selector` (its value, for an output) matches. */
  async until(selector: string, text: RegExp): Promise<Locator> {
    const found = this.#page.locator(selector).filter({ hasText: text }).first()
    await found.waitFor({ state: 'attached' })
    return found
  }

  /** Resolves when nothing at `selector` matches any more. */
  async untilGone(selector: string, text: RegExp): Promise<void> {
    await this.#page.locator(selector).filter({ hasText: text }).first().waitFor({ state: 'detached' })
  }

  /** Resolves when the browser has decoded a picture at `selector`. */
  async shown(selector: string): Promise<void> {
    await this.#page.locator(`${selector}[data-shown]`).first().waitFor({ state: 'attached' })
  }

  /** Resolves when the question that is not asked yet is this. */
  async untilPrompt(text: string): Promise<void> {
    await this.#page.waitForFunction(PROMPT_IS, text)
  }

  async text(selector: string): Promise<string> {
    return (await this.#page.locator(selector).textContent()) ?? ''
  }

  async ask({ prompt, kind = 'chat', by = 'worker_node', file, inPieces = false }: AskedOnPage): Promise<void> {
    const form = this.#page.locator('#ask')
    await form.locator('[name=query_type]').selectOption(kind)
    await form.locator('[name=model_type]').selectOption(by)
    await form.locator('[name=prompt]').fill(prompt)
    await form.locator('[name=file]').setInputFiles(file === undefined ? [] : file)
    await form.locator('[name=chunked]').setChecked(inPieces)
    await form.locator('[name=shuffled]').setChecked(inPieces)
    await form.locator('button').click()
  }

  /** Fills a form's fields and presses its button, or the one of that name. */
  async send(form: string, fields: Readonly<Record<string, string>>, button?: string): Promise<void> {
    const at = this.#page.locator(`#${form}`)
    for (const [name, value] of Object.entries(fields)) await at.locator(`input[name=${name}]`).fill(value)
    await at.locator('button', button === undefined ? {} : { hasText: new RegExp(`^${button}$`) }).click()
  }

  async hear(file: NonNullable<AskedOnPage['file']>): Promise<void> {
    await this.#page.locator('#hear [name=file]').setInputFiles(file)
    await this.#page.locator('#hear button').click()
  }

  async press(id: string): Promise<void> {
    await this.#page.locator(`#${id}`).click()
  }

  /** The words of every message type that came, in order. */
  async seen(): Promise<readonly string[]> {
    return await this.#page.evaluate(() => (globalThis as unknown as SeenPage).client.seen)
  }

  /** Fails where the node broke the protocol, or the page broke on what it was told. */
  async assertUnbroken(): Promise<void> {
    assert.deepEqual(await this.#page.evaluate(() => (globalThis as unknown as SeenPage).client.faults), [])
    assert.deepEqual(this.#crashes, [])
  }
}
