/** The browser that this machine has, for tests of pages. */
import { type Browser, chromium } from 'playwright-core'
import { findProgram } from '../real/real-process.ts'

/** What `REALMESH_CHROMIUM` names, else Chromium in the path; undefined where there is none. */
export const CHROMIUM = findProgram('REALMESH_CHROMIUM', 'chromium')

/** Without windows. Containers have no user namespaces for its sandbox, and it only sees pages of tests. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}
