/** Light, dark, or as the device has it; kept on this device. */

export type Look = 'system' | 'light' | 'dark'

const KEPT_AS = 'duka.look'

class Theme {
  look = $state<Look>('system')
}

export const theme = new Theme()

/** Take up the look that was chosen on this device; before anything is drawn. */
export function startTheme(): void {
  const kept = localStorage.getItem(KEPT_AS)
  apply(kept === 'light' || kept === 'dark' ? kept : 'system')
}

/** Choose a look. */
export function setLook(look: Look): void {
  localStorage.setItem(KEPT_AS, look)
  apply(look)
}

function apply(look: Look): void {
  theme.look = look
  if (look === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = `duka-${look}`
}

startTheme()
