/** How many files this process may open. Read before everything else: imports nothing. */

/** 200 peers, some hundred clients, and the user data's tables. What systems give by default. */
export const ENOUGH_FILES = 1_024

/** The soft limit, which Node has raised to the hard one; undefined where the system does not tell, or has none. */
export function openFileLimit(): number | undefined {
  // To read the names of all interfaces takes longer than all the rest.
  const { userLimits } = Object.assign(process.report, { excludeNetwork: true }).getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } }
  }
  const soft = Number(userLimits?.open_files?.soft)
  return Number.isFinite(soft) ? soft : undefined
}
