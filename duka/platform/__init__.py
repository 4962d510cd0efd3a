"""What any business program needs and no shop in particular: database, requests, errors, money, time, jobs.

Nothing here knows what a sale is. Domains import downwards from here; `platform` imports none of them.
"""
