"""The trail and the doors: every change says who made it and gives no secret away; a login's token works once."""

from typing import Final

from duka.platform.audit import PERSONAL, SECRET
from duka.verify.invariants import Invariant, asked

_TRAIL: Final = """
WITH written AS (
    SELECT source AS document, source_id AS document_id, at FROM postings WHERE shop_id = %(shop)s
    UNION SELECT source, source_id, at FROM stock_movements WHERE shop_id = %(shop)s
    UNION SELECT source, source_id, at FROM payments WHERE shop_id = %(shop)s
    UNION SELECT 'cash_move', id, at FROM cash_moves WHERE shop_id = %(shop)s
    UNION SELECT 'adjustment', id, at FROM stock_adjustments WHERE shop_id = %(shop)s
    UNION SELECT 'count', count_id, at FROM stock_count_lines WHERE shop_id = %(shop)s
)
SELECT w.document, w.document_id, w.at FROM written w
WHERE NOT EXISTS (
    SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = w.document_id AND a.at = w.at
)
UNION ALL
SELECT i.kind, i.id, i.issued_at FROM invoices i
WHERE i.shop_id = %(shop)s AND i.kind <> 'invoice' AND NOT EXISTS (
    SELECT 1 FROM audit_entries a WHERE a.shop_id = %(shop)s AND a.entity_id = i.id AND a.entity = i.kind
        AND a.action = 'issue'
        AND coalesce((a.after ->> 'staff_id')::uuid, a.staff_id) IS NOT DISTINCT FROM i.staff_id
        AND a.reason IS NOT DISTINCT FROM i.reason
)
UNION ALL
SELECT i.kind, i.id, i.issued_at FROM invoices i
WHERE i.shop_id = %(shop)s AND i.kind = 'invoice' AND i.reason IS NOT NULL
"""

_SECRETS: Final = """
SELECT id AS entry_id, entity, entity_id, action FROM audit_entries
WHERE shop_id = %(shop)s AND (before::text ~* %(secret)s OR after::text ~* %(secret)s)
"""

_PERSONAL: Final = """
SELECT a.id AS entry_id, a.entity_id, a.action, f.key AS field FROM audit_entries a
CROSS JOIN LATERAL (VALUES (a.before), (a.after)) AS s(side)
CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(s.side) WHEN 'object' THEN s.side ELSE '{}' END) AS f(key, value)
WHERE a.shop_id = %(shop)s AND a.entity = 'customer' AND f.key = ANY (%(personal)s)
    AND f.value NOT IN ('null', '"(changed)"')
"""

_NAMES: Final = "|".join(sorted(SECRET))
_SECRET_KEY: Final = rf'"({_NAMES}|\w*password\w*|\w*passcode\w*|\w*token|\w*secret\w*|otp)"\s*:'

_TOKENS: Final = """
SELECT t.session_id, t.id AS token_id, 'spent after its session ended' AS wrong FROM refresh_tokens t
JOIN device_sessions s ON s.id = t.session_id WHERE t.spent_at > s.ended_at
UNION ALL
SELECT session_id, id, 'spent by no request, or the other way round' FROM refresh_tokens
WHERE (spent_at IS NULL) <> (spent_request IS NULL)
UNION ALL
SELECT session_id, min(id::text)::uuid, 'more than one of its session is unspent' FROM refresh_tokens
WHERE spent_at IS NULL GROUP BY session_id HAVING count(*) > 1
UNION ALL
SELECT session_id, id, 'it is kept as something else than a hash' FROM refresh_tokens WHERE length(token_hash) <> 32
"""

INVARIANTS: Final = (
    Invariant(
        26, "documents_audited", "Whatever a document moved, booked or took has an entry in the audit trail of the "
        "same document and moment; a note's entry names the same person and reason.", asked(_TRAIL),
    ),
    Invariant(
        26, "no_secrets_in_trail", "No entry of the audit trail holds a password, a token or the hash of one.",
        asked(_SECRETS, secret=_SECRET_KEY),
    ),
    Invariant(
        26, "no_personal_values_in_trail", "The audit trail says that a customer's personal fields changed, never to "
        "what.", asked(_PERSONAL, personal=sorted(PERSONAL)),
    ),
)  # fmt: skip

OF_INSTALLATION: Final = (
    Invariant(
        24, "refresh_tokens", "A login is continued by one token at a time, each good once, none after the end of its "
        "session.", asked(_TOKENS),
    ),
)  # fmt: skip
