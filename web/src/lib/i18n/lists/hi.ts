import type { Translation } from '../types'
import type english from './en'

export default {
  'list.export': 'निर्यात',
  'list.export_csv': 'CSV फ़ाइल',
  'list.export_xlsx': 'Excel फ़ाइल',
  'list.exporting': 'फ़ाइल लिखी जा रही है। लंबी सूची में थोड़ा समय लगता है।',
  'list.exported': 'फ़ाइल सहेज ली गई।',
  'list.save_chosen': 'CSV में सहेजें',
  'list.none_found': 'ऐसा कुछ नहीं मिला',
  'list.none_found_text': 'कोई फ़िल्टर हटाएँ, या कम शब्दों में खोजें।',
  'list.days': 'दिन',
  'list.amount': 'राशि',
  'list.least': 'से',
  'list.most': 'तक',
  'form.draft': 'आपने यहाँ पहले जो लिखा था, वह वापस आ गया है।',
  'form.draft_drop': 'नए सिरे से शुरू करें',
  'form.unsaved': 'अभी सहेजा नहीं गया',
  'form.saved': 'सहेज लिया गया।',
  'form.needed': 'यह ज़रूरी है।',
  'form.stale': 'इस बीच किसी और ने इसे बदल दिया',
  'form.stale_text': 'दूसरे ने बदला: {fields}।',
  'form.stale_same': 'यहाँ जो दिखता है, वह दोनों में एक जैसा है।',
  'form.stale_theirs': 'उनका रखें',
  'form.stale_mine': 'मेरा उसके ऊपर सहेजें',
  'form.check': 'कुछ खाने दोबारा देखें।',
} satisfies Translation<typeof english>
