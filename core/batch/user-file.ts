/** A file that a user keeps at this node: what a batch reads, and what it writes. */

/** `arriving`: some of it is still to come. `leaving`: it is being removed, and to its user it is not there. */
export type FileState = 'arriving' | 'whole' | 'leaving'

export interface UserFile {
  readonly id: string
  /** As the user named it; a name, never a path here. */
  readonly name: string
  /** What it is for, in OpenAI's words. */
  readonly purpose: string
  readonly bytes: number
  /** Wall clock when it was made, milliseconds since the epoch. */
  readonly at: number
  /** From then on it is not there any more. */
  readonly expiresAt: number
  readonly state: FileState
}

/** What is said of a file before its bytes come. */
export type NewFile = Omit<UserFile, 'bytes' | 'state'>
