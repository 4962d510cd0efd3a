/** Copy an object without some of its values. */
export function without<T extends object, K extends keyof T>(whole: T, ...names: K[]): Omit<T, K> {
  const left = { ...whole }
  for (const name of names) Reflect.deleteProperty(left, name)
  return left
}
