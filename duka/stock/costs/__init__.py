"""What stock cost: movements weighed in the order of business, whenever they arrived.

By moving average or first in, first out, as the shop chose.
"""
