"""Who is at the door: accounts, passwords, one-time codes, device sessions.

An account is one person, whatever shops they work in; its rows belong to the installation, not to a shop. Promises:
a password is kept as a slow hash only and a code or token as a hash only; a one-time code works once and is refused
after five wrong tries, however many guess at the same time; five wrong passwords in a row lock a login, known or not,
alike; a refresh token works once, and using a spent one ends its session; an account is logged in on at most as many
devices as the strictest of its shops allows. Whoever asks cannot tell whether somebody has an account.
What happens to an account is written into the audit trail of each shop the person works in.
"""
