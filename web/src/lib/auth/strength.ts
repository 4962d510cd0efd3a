/** How hard a password is to guess, told while it is typed. The server has the last word. */

export const LENGTH_MIN = 8
const GOOD_LENGTH = 12
const GREAT_LENGTH = 16
const ROWS = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm']
const COMMON = ['password', 'qwerty', 'welcome', 'admin', 'letmein', 'iloveyou', 'jesus', 'kampala', 'nairobi', 'india']
const LEFT_OVER_MAX = 5

/** 0 too short or too easy, 1 weak, 2 fair, 3 good, 4 strong. */
export type Strength = 0 | 1 | 2 | 3 | 4

/** Rate a password. `about` are things that others know of the person: names, phone. */
export function strengthOf(password: string, about: readonly string[] = []): Strength {
  if ([...password].length < LENGTH_MIN || easy(password.toLowerCase(), about)) return 0
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length
  const length = [...password].length
  const points = 1 + (length >= GOOD_LENGTH ? 1 : 0) + (length >= GREAT_LENGTH ? 1 : 0) + (kinds >= 3 ? 1 : 0)
  return Math.min(4, points) as Strength
}

function easy(password: string, about: readonly string[]): boolean {
  if (/^(.{1,4})\1+.?$/u.test(password)) return true
  const runs = ROWS.some((row) => row.includes(password) || [...row].reverse().join('').includes(password))
  const known = [...COMMON, ...about.flatMap((each) => each.toLowerCase().split(/\s+/)).filter((word) => word.length > 3)]
  return runs || known.some((word) => password.includes(word) && password.length - word.length <= LEFT_OVER_MAX)
}
