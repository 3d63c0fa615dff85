/** What the owner allows one user to ask for. */
export interface Permitted {
  /** Names of models; `*` stands for any text, and `auto` must be named like others. @default every model */
  readonly models?: readonly string[] | undefined
  /** Realms, by the type of the query. @default every realm */
  readonly realms?: readonly string[] | undefined
}
