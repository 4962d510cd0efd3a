import type { Translation } from '../types'
import type english from './en'

export default {
  'list.export': 'Hamisha',
  'list.export_csv': 'Faili la CSV',
  'list.export_xlsx': 'Faili la Excel',
  'list.exporting': 'Faili linaandikwa. Orodha ndefu huchukua muda kidogo.',
  'list.exported': 'Faili limehifadhiwa.',
  'list.save_chosen': 'Hifadhi kama CSV',
  'list.none_found': 'Hakuna kinacholingana',
  'list.none_found_text': 'Ondoa kichujio kimoja, au tafuta kwa maneno machache.',
  'list.days': 'Siku',
  'list.amount': 'Kiasi',
  'list.least': 'Kuanzia',
  'list.most': 'Hadi',
  'form.draft': 'Ulichoandika awali hapa kimerudi.',
  'form.draft_drop': 'Anza upya',
  'form.unsaved': 'Bado haijahifadhiwa',
  'form.saved': 'Imehifadhiwa.',
  'form.needed': 'Hii inahitajika.',
  'form.stale': 'Mtu mwingine amebadilisha hii wakati huo huo',
  'form.stale_text': 'Mwingine alibadilisha: {fields}.',
  'form.stale_same': 'Unachokiona hapa ni sawa katika zote mbili.',
  'form.stale_theirs': 'Chukua yake',
  'form.stale_mine': 'Hifadhi yangu juu yake',
  'form.check': 'Angalia tena baadhi ya sehemu.',
} satisfies Translation<typeof english>
