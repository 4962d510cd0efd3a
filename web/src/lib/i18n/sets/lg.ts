import type { Translation } from '../types'
import type english from './en'

export default {} satisfies Translation<typeof english>
