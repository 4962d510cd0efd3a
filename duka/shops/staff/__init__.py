"""Staff: the people who work in the shop, with their role and branch.

Promises: nobody takes a place in a shop without having said yes, by a link that works once; a shop always has an
active owner who is bound to no branch, however many are removed at the same moment; nobody gives a role that may do
more than their own, nor acts on somebody who may do more; who is suspended or removed is out at their next request.
"""
