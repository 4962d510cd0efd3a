import type { Translation } from '../types'
import type english from './en'

export default {
  'aside.new': 'अलग रखें',
  'aside.title': 'माल अलग रखें',
  'aside.which': 'कौन-सा',
  'aside.quantity': 'कितना',
  'aside.until': 'कब तक',
  'aside.until_hint': 'उसके बाद यह अपने आप फिर बिक्री में आता है। खाली छोड़ें तो जब तक आप इसे बिक्री में न लौटाएँ।',
  'aside.note': 'किसके लिए',
  'aside.note_hint': 'जिससे आप पहचानें जब कोई लेने आए।',
  'aside.done': '{name} अलग रखा गया।',
  'aside.release': 'बिक्री में लौटाएँ',
  'aside.release_ask': '{name} को बिक्री में लौटाएँ? फिर यह किसी के लिए नहीं रखा रहेगा।',
  'aside.released': '{name} फिर बिक्री में है।',
  'aside.empty': 'कुछ भी अलग नहीं रखा',
  'aside.empty_text': 'जो आप किसी ग्राहक के लिए रखते हैं, और जो रुके कार्ट और अधूरी बिक्री के लिए रखा है, यहाँ दिखता है। यह किसी और को नहीं बेचा जाता।',
  'aside.for.customer': 'हाथ से',
  'aside.for.cart': 'रुके कार्ट के लिए',
  'aside.for.sale': 'अधूरी बिक्री के लिए',
  'aside.for.order': 'ऑर्डर के लिए',
  'aside.for.repair': 'मरम्मत के लिए',
  'aside.state.open': 'अभी अलग रखा',
  'aside.state.taken': 'सौंप दिया',
  'aside.state.released': 'बिक्री में लौटा',
  'aside.state.expired': 'समय पर नहीं लिया',
} satisfies Translation<typeof english>
