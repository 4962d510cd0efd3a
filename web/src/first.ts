/** What runs first, while the rest of the app is on its way. */
import { askEarly } from '$lib/early'
import { preferred } from '$lib/i18n/languages'

askEarly()
// Whose language is not English needs to know soon where its words lie; who needs it then hears of a failure.
if (preferred() !== 'en') void import('$lib/i18n/foreign').catch(() => undefined)
