import type { Words } from '../types'

export default {} satisfies Words
