/** Every address of the app: which page draws it, who may see it, where the menu shows it. */
import type { Part } from '$lib/i18n/languages'

export interface Route {
  /** The address; `:id` is handed to the page in `params`. */
  path: string
  /** The page's file under `pages/`, without ending. */
  page: string
  /** The permission without which the page says so; none: for everybody who is logged in. */
  permission?: string
  /** The parts of the words that the page needs besides those of its folder. */
  words?: readonly Part[]
  /** The page needs no login. */
  open?: true
  /** Where the menu lists it, and the key of its name. */
  menu?: { group: 'sell' | 'goods' | 'people' | 'books' | 'shop'; name: string; icon: string }
}

export const ROUTES: readonly Route[] = [
  { path: '/login', page: 'auth/Login', open: true },
  { path: '/sign-up', page: 'auth/SignUp', open: true },
  { path: '/forgot', page: 'auth/Forgot', open: true },
  { path: '/reset-password', page: 'auth/Reset', open: true },
  { path: '/invitation', page: 'auth/Invitation', open: true },
  { path: '/order', page: 'supply/AskedOrder', open: true },

  { path: '/', page: 'home/Dashboard' },
  { path: '/dashboard', page: 'home/Dashboard', menu: { group: 'sell', name: 'nav.dashboard', icon: 'home' } },
  { path: '/sales/new', page: 'till/Till', permission: 'sales:create', menu: { group: 'sell', name: 'nav.till', icon: 'till' } },
  { path: '/drawer', page: 'till/DrawerPage', words: ['drawer'], permission: 'register_sessions:read', menu: { group: 'sell', name: 'nav.drawer', icon: 'drawer' } },
  { path: '/sales', page: 'sales/SalesList', permission: 'sales:read', menu: { group: 'sell', name: 'nav.sales', icon: 'receipt' } },
  { path: '/sales/incomplete', page: 'sales/Incomplete', permission: 'sales:read', menu: { group: 'sell', name: 'nav.incomplete', icon: 'clock' } },
  { path: '/sales/:id', page: 'sales/SalePage', permission: 'sales:read' },
  { path: '/invoices', page: 'sales/InvoicesList', permission: 'invoices:read', menu: { group: 'sell', name: 'nav.invoices', icon: 'invoice' } },
  { path: '/exceptions', page: 'sales/Exceptions', permission: 'exceptions:read', menu: { group: 'sell', name: 'nav.exceptions', icon: 'warning' } },
  { path: '/outbox', page: 'sales/OutboxPage', words: ['device'], menu: { group: 'sell', name: 'nav.outbox', icon: 'outbox' } },

  { path: '/customers', page: 'customers/CustomersList', permission: 'customers:read', menu: { group: 'people', name: 'nav.customers', icon: 'people' } },
  { path: '/customers/:id', page: 'customers/CustomerPage', permission: 'customers:read' },

  { path: '/products', page: 'catalog/ProductsList', permission: 'products:read', menu: { group: 'goods', name: 'nav.products', icon: 'box' } },
  { path: '/products/import', page: 'catalog/ImportWizard', permission: 'products:import' },
  { path: '/products/low-stock', page: 'catalog/LowStock', permission: 'stock:read', menu: { group: 'goods', name: 'nav.low_stock', icon: 'low' } },
  { path: '/products/starters', page: 'tools/Starters', permission: 'products:read' },
  { path: '/products/new', page: 'catalog/ProductPage', permission: 'products:create' },
  { path: '/products/:id', page: 'catalog/ProductPage', words: ['sets'], permission: 'products:read' },
  { path: '/groups', page: 'catalog/Groups', permission: 'groups:read', menu: { group: 'goods', name: 'nav.groups', icon: 'folder' } },
  { path: '/taxes', page: 'catalog/Taxes', permission: 'taxes:read', menu: { group: 'goods', name: 'nav.taxes', icon: 'percent' } },
  { path: '/stock', page: 'catalog/Stock', words: ['aside'], permission: 'stock:read', menu: { group: 'goods', name: 'nav.stock', icon: 'stock' } },
  { path: '/counts', page: 'counts/Counts', permission: 'stock:read', menu: { group: 'goods', name: 'nav.counts', icon: 'scan' } },
  { path: '/counts/:id', page: 'counts/CountPage', permission: 'stock:read' },
  { path: '/transfers', page: 'transfers/Transfers', permission: 'stock:read', menu: { group: 'goods', name: 'nav.transfers', icon: 'swap' } },
  { path: '/transfers/new', page: 'transfers/TransferNew', permission: 'stock:transfer' },
  { path: '/transfers/:id', page: 'transfers/TransferPage', permission: 'stock:read' },
  { path: '/price-changes', page: 'tools/PriceChanges', permission: 'prices:read', menu: { group: 'goods', name: 'nav.prices', icon: 'tag' } },
  { path: '/price-changes/new', page: 'tools/PriceChangeNew', permission: 'prices:update' },
  { path: '/price-changes/:id', page: 'tools/PriceChangePage', permission: 'prices:read' },
  { path: '/labels', page: 'tools/Labels', permission: 'products:read', menu: { group: 'goods', name: 'nav.labels', icon: 'print' } },

  { path: '/purchasing', page: 'purchasing/Purchasing', permission: 'purchasing:read', menu: { group: 'goods', name: 'nav.purchasing', icon: 'cart' } },
  { path: '/purchasing/new', page: 'purchasing/OrderNew', permission: 'purchasing:create' },
  { path: '/purchasing/receive', page: 'purchasing/ReceivePage', permission: 'purchasing:receive' },
  { path: '/purchasing/:id', page: 'purchasing/OrderPage', permission: 'purchasing:read' },
  { path: '/purchasing/receipts/:id', page: 'purchasing/ReceiptPage', permission: 'purchasing:read' },
  { path: '/purchasing/bills/new', page: 'purchasing/BillPage', permission: 'purchasing:update' },
  { path: '/purchasing/bills/:id', page: 'purchasing/BillPage', permission: 'purchasing:read' },
  { path: '/suppliers', page: 'purchasing/SuppliersList', permission: 'suppliers:read', menu: { group: 'people', name: 'nav.suppliers', icon: 'truck' } },
  { path: '/suppliers/:id', page: 'purchasing/SupplierPage', permission: 'suppliers:read' },

  { path: '/staff', page: 'people/StaffList', permission: 'staff:read', menu: { group: 'people', name: 'nav.staff', icon: 'badge' } },
  { path: '/staff/:id', page: 'people/StaffPage', permission: 'staff:read' },
  { path: '/roles', page: 'people/Roles', permission: 'roles:read', menu: { group: 'people', name: 'nav.roles', icon: 'key' } },
  { path: '/roles/:id', page: 'people/RolePage', permission: 'roles:read' },

  { path: '/branches', page: 'shop/Branches', permission: 'branches:read', menu: { group: 'shop', name: 'nav.branches', icon: 'store' } },
  { path: '/registers', page: 'shop/Registers', permission: 'registers:read', menu: { group: 'shop', name: 'nav.registers', icon: 'till' } },
  { path: '/settings', page: 'shop/Settings', permission: 'settings:read', menu: { group: 'shop', name: 'nav.settings', icon: 'settings' } },
  { path: '/api-keys', page: 'shop/ApiKeys', permission: 'api_keys:read', menu: { group: 'shop', name: 'nav.api_keys', icon: 'plug' } },
  { path: '/audit-logs', page: 'shop/AuditLog', permission: 'audit_logs:read', menu: { group: 'shop', name: 'nav.audit', icon: 'history' } },
  { path: '/notifications', page: 'home/Notifications', permission: 'notifications:read', words: ['sales'] },
  { path: '/profile', page: 'home/Profile' },
]
