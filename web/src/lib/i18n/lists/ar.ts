import type { Translation } from '../types'
import type english from './en'

export default {
  'list.export': 'تصدير',
  'papers.kept': 'محفوظ على هذا الجهاز، ويُرسل حالما تتوفر الشبكة.',
  'papers.show': 'عرض',
  'papers.waits': 'بانتظار الإرسال',
  'papers.aside': 'لم يُقبل',
  'list.export_csv': 'ملف CSV',
  'list.export_xlsx': 'ملف Excel',
  'list.exporting': 'جارٍ كتابة الملف. القائمة الطويلة تأخذ لحظة.',
  'list.exported': 'حُفظ الملف.',
  'list.save_chosen': 'احفظ بصيغة CSV',
  'list.none_found': 'لا شيء يطابق',
  'list.none_found_text': 'أزل تصفية، أو ابحث بكلمات أقل.',
  'list.days': 'الأيام',
  'list.amount': 'المبلغ',
  'list.least': 'من',
  'list.most': 'إلى',

  'form.draft': 'عاد ما كتبته هنا من قبل.',
  'form.draft_drop': 'ابدأ من جديد',
  'form.unsaved': 'لم يُحفظ بعد',
  'form.saved': 'تم الحفظ.',
  'form.needed': 'هذا مطلوب.',
  'form.stale': 'غيّر شخص هذا في الأثناء',
  'form.stale_text': 'ما غيّره الآخر: {fields}.',
  'form.stale_same': 'ما تراه هنا هو نفسه في الاثنين.',
  'form.stale_theirs': 'خذ ما كتبه',
  'form.stale_mine': 'احفظ ما كتبتُه مكانه',
  'form.check': 'بعض الحقول تحتاج إلى مراجعة.',
} satisfies Translation<typeof english>
