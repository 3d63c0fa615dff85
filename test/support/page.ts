import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PageFolder } from '../../gateway/rentahal/page/page-folder.ts'

export interface TestPage {
  readonly folder: PageFolder
  remove(): Promise<void>
}

/** A page with scripts, a folder, and beside it what must not be seen: a dotfile, links out of it, a neighbour. */
export async function testPage(): Promise<TestPage> {
  const home = await mkdtemp(join(tmpdir(), 'realmesh-page-'))
  const page = join(home, 'page')
  await mkdir(join(page, 'static', 'deep'), { recursive: true })
  await mkdir(join(page, '.git'))
  const files: Readonly<Record<string, string>> = {
    'page/index.html': '<!doctype html><title>a page</title>',
    'page/app.js': 'export const where = "page"',
    'page/static/main.js': 'export const where = "static"',
    'page/static/deep/index.html': 'deep',
    'page/a b.txt': 'a blank',
    'page/.env': 'SECRET',
    'page/.git/config': 'SECRET',
    'neighbour.txt': 'SECRET',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text)
  await symlink(join(home, 'neighbour.txt'), join(page, 'out.txt'))
  await symlink(home, join(page, 'up'))
  await symlink(join(page, 'app.js'), join(page, 'within.js'))
  await symlink(join(page, 'circle'), join(page, 'circle'))
  return { folder: await PageFolder.open(page), remove: () => rm(home, { recursive: true }) }
}
