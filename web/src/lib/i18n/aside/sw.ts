import type { Translation } from '../types'
import type english from './en'

export default {
  'aside.new': 'Weka kando',
  'aside.title': 'Weka bidhaa kando',
  'aside.which': 'Zipi',
  'aside.quantity': 'Kiasi gani',
  'aside.until': 'Hadi',
  'aside.until_hint': 'Kisha inauzwa tena yenyewe. Ikiachwa tupu, hadi uirudishe kuuzwa.',
  'aside.note': 'Kwa nani',
  'aside.note_hint': 'Utakachoitambua nacho mtu akija kuichukua.',
  'aside.done': '{name} imewekwa kando.',
  'aside.release': 'Rudisha kuuzwa',
  'aside.release_ask': 'Rudisha {name} kuuzwa? Haitahifadhiwa tena kwa yeyote.',
  'aside.released': '{name} inauzwa tena.',
  'aside.empty': 'Hakuna kilichowekwa kando',
  'aside.empty_text': 'Unachomhifadhia mteja, na kilichohifadhiwa kwa vikapu vinavyosubiri na mauzo ambayo hayajalipwa, kiko hapa. Hauziwi mtu mwingine.',
  'aside.for.customer': 'Kwa mkono',
  'aside.for.cart': 'Kwa kikapu kinachosubiri',
  'aside.for.sale': 'Kwa mauzo ambayo hayajalipwa',
  'aside.for.order': 'Kwa agizo',
  'aside.for.repair': 'Kwa matengenezo',
  'aside.state.open': 'Zilizowekwa kando sasa',
  'aside.state.taken': 'Zimekabidhiwa',
  'aside.state.released': 'Zimerudi kuuzwa',
  'aside.state.expired': 'Hazikuchukuliwa kwa wakati',
} satisfies Translation<typeof english>
