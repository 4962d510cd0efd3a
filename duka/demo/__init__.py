"""A believable shop to try Duka with: phones and electrical goods in two branches of a town in Uganda.

Founded, staffed and stocked by the same actions that the API calls, with a season of sales, deposits, credit, returns
and counted drawers that ends yesterday. The same day makes the same shop again: all chance comes from one seed.
What it promises: every document went through the checks a real one goes through, so `duka verify` finds nothing;
making it twice makes it once.
"""
