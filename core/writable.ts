/** An object while it is put together: its readers have it as readonly. */

/** `T` with fields that may be set. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
