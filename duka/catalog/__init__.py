"""What the shop sells: groups, products with their variants, prices, costs and tax classes.

A product is what people call a thing; a variant is what is sold, with its own SKU, barcode, price and cost, and a
simple product has exactly one. What always holds:
- A SKU and a barcode belong to one living variant of the shop. The database keeps this.
- Prices, costs and tax rates are dated rows that are written once; a change is a newer row, and the sale of any
  moment can be worked out again as it was.
- A product that something happened to is never deleted, only taken off sale; the rest vanishes, its codes are free.
- Groups make trees at most five deep.
"""
