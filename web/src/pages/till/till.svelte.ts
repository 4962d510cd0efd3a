/** What the till holds while it is open: the cart, who sells, what the shop decided, what is open above it. */
import { app } from '$lib/app.svelte'
import { t } from '$lib/i18n'
import type { BranchRow, Item, Local, StaffRow } from '$lib/local/types'
import type { Standing } from '$lib/sales/here'
import type { Bill, Discount } from '$lib/money/bill'
import {
  addItem, billOf, EMPTY_CART, largestDiscountBp, NoPrice, reprice, setCustomer, type Cart, type CartCustomer, type Pricing,
} from '$lib/sales/cart'
import { readTill, type TillFacts } from '$lib/sales/desk'
import type { Sold } from '$lib/sales/sell'
import type { Letterhead } from '$lib/sales/receipt'
import { leftUnshown } from '$lib/sales/unshown'
import { forgetWorking, keepWorking, readWorking } from '$lib/sales/working'
import { toast } from '$ui/toast.svelte'

export type Above =
  | { kind: 'customer' | 'held' | 'hold' | 'open' | 'discount' | 'scan' | 'keys' | 'switch' | 'cart' }
  /** Without a sale the cart is paid, else that incomplete sale. */
  | { kind: 'pay'; standing?: Standing['row'] }
  | { kind: 'return'; number?: string }
  | { kind: 'line'; lineId: string }
  | { kind: 'done'; sold: Sold }

/** What a receipt's QR code begins with: its number. */
export const RECEIPT = /^\s*[0-9A-Z]{1,4}\/\d{4}\/\d+(\s|$)/i

interface Worked {
  bill: Bill | null
  fault: string | null
}

class Till {
  cart = $state.raw<Cart>(EMPTY_CART)
  shop = $state.raw<Letterhead | null>(null)
  branch = $state.raw<BranchRow | null>(null)
  seller = $state.raw<StaffRow | null>(null)
  day = $state('')
  /** The sheet that is open. */
  above = $state.raw<Above | null>(null)
  /** The line that was added last, to show it. */
  touched = $state<string | null>(null)
  private openFor = ''
  private fromCart = false
  /** The lines whose serial numbers were asked for: once each, so that who cannot read one is not held up. */
  private asked: string[] = []
  /** The sentence for screen readers about what just happened. */
  said = $state('')
  /** The cart is on the screen only: the device could not keep it. */
  unkept = $state(false)

  readonly pricing = $derived.by<Pricing | null>(() => {
    const { shop, day } = this
    const catalogue = app.catalogue
    return shop && catalogue ? { settings: shop, day, taxClass: (id) => catalogue.taxClass(id) } : null
  })

  readonly worked = $derived.by<Worked>(() => {
    if (!this.pricing || this.cart.lines.length === 0) return { bill: null, fault: null }
    try {
      return { bill: billOf(this.cart, this.pricing), fault: null }
    } catch (failure) {
      return { bill: null, fault: failure instanceof Error ? failure.message : String(failure) }
    }
  })

  /** How much of a line the seller may take off, in basis points; a supervisor's PIN raises it for this cart. */
  readonly ceilingBp = $derived(Math.max(this.ownCeilingBp(), this.cart.lifted?.ceilingBp ?? 0))
  readonly overCeiling = $derived(this.worked.bill !== null && largestDiscountBp(this.worked.bill) > this.ceilingBp)

  may(permission: string): boolean {
    return this.seller ? permission in this.seller.permissions : app.may(permission)
  }

  ownCeilingBp(): number {
    if (!this.may('sales:discount')) return 0
    return this.seller?.discount_ceiling_bp ?? app.me?.discount_ceiling_bp ?? 0
  }

  sellerId(): string {
    return app.seller?.staff_id ?? app.me?.staff_id ?? ''
  }

  sellerName(): string {
    return app.seller?.name ?? app.me?.name ?? ''
  }

  /** Read what the till needs from the device; the first time also the cart that was in hand. */
  async open(): Promise<void> {
    const { local, me } = app
    if (!local || !me) return
    const who = `${local.shopId} ${me.staff_id}`
    const first = this.openFor !== who
    if (first) {
      this.openFor = who
      this.cart = EMPTY_CART
      this.above = null
    }
    await this.refresh()
    if (first) await this.takeUpAgain(local)
    const { catalogue } = app
    if (catalogue) this.cart = reprice(this.cart, (id) => catalogue.item(id))
  }

  private async takeUpAgain(local: Local): Promise<void> {
    const kept = await readWorking(local)
    if (kept) this.cart = kept
    const sold = await leftUnshown(local)
    if (sold) this.above = { kind: 'done', sold }
  }

  /** Read anew what may have changed underneath: settings, seller, day. */
  async refresh(): Promise<void> {
    const { local, register, seller, drawer } = app
    if (local) this.take(await readTill(local, register?.branchId ?? null, seller?.staff_id ?? null, drawer))
  }

  private take(facts: TillFacts): void {
    this.shop = facts.shop
    this.branch = facts.branch
    this.seller = facts.seller
    this.day = facts.day
  }

  /** Put another cart in hand; it is kept on the device at once. */
  change(cart: Cart): void {
    this.cart = cart
    void this.keep()
  }

  /** Keep the cart in hand on the device, and say so at once where it has no space. */
  async keep(): Promise<void> {
    if (!app.local) return
    try {
      await keepWorking(app.local, this.cart)
      this.unkept = false
    } catch {
      this.unkept = true
    }
  }

  /** Put an item in the cart, of a batch where one is named. */
  add(item: Item, quantityMilli = 1000, batch?: string): void {
    try {
      const { cart, lineId } = addItem(this.cart, item, quantityMilli, batch)
      this.change(cart)
      this.touched = lineId
      const line = cart.lines.find((each) => each.id === lineId)
      this.said = t('till.added', { name: item.name, n: (line?.quantityMilli ?? quantityMilli) / 1000 })
    } catch (failure) {
      if (!(failure instanceof NoPrice)) throw failure
      toast(t('till.no_price', { name: item.name }), { kind: 'warning' })
    }
  }

  /** Put in what has a barcode; what else a code may say is read by what is fetched for it. */
  addCode(code: string, quantityMilli = 1000): void {
    const item = app.catalogue?.byBarcode(code)
    if (item) this.add(item, quantityMilli)
    else void import('./codes').then(({ takeContent }) => takeContent(app.local, code, quantityMilli))
  }

  setCustomer(customer: CartCustomer | null): void {
    this.change(setCustomer(this.cart, customer))
  }

  discount(discount: Discount | undefined): void {
    this.change({ ...this.cart, discount })
  }

  /** Begin anew, after a sale, or when the cart is given up. */
  clear(): void {
    this.cart = EMPTY_CART
    this.touched = null
    this.unkept = false
    // A cart that could not be forgotten lies here again at the next start: nothing is lost by it.
    if (app.local) void forgetWorking(app.local).catch(() => undefined)
  }

  /** Empty the cart, with a way back. */
  giveUp(): void {
    const before = this.cart
    this.clear()
    toast(t('cart.cleared'), { undo: () => this.change(before) })
  }

  /** Take the money. Serial numbers that are missing are asked for first, and a discount above the seller's limit is allowed. */
  pay(): void {
    if (!this.worked.bill) return
    const bare = this.cart.lines.find(
      ({ id, variantId, serials }) => variantId && !serials?.length && !this.asked.includes(id) && app.catalogue?.item(variantId)?.tracking === 'serial',
    )
    if (bare) this.asked.push(bare.id)
    this.show(bare ? { kind: 'line', lineId: bare.id } : { kind: this.overCeiling ? 'discount' : 'pay' })
  }

  /** Open a sheet, or close it: one that was opened from the cart's own sheet leads back there. */
  show(above: Above | null): void {
    const kind = above?.kind
    if (kind === 'pay' || kind === 'done' || kind === 'return') this.fromCart = false
    else if (kind && this.above?.kind === 'cart') this.fromCart = kind !== 'cart'
    if (above === null && this.fromCart) {
      this.fromCart = false
      this.above = this.cart.lines.length ? { kind: 'cart' } : null
    } else {
      this.above = above
    }
  }
}

export const till = new Till()
