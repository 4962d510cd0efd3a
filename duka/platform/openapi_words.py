"""What the API's description says before its operations: the rules that hold for all of them."""

from typing import Final

SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    (
        "Logging in",
        "Send `Authorization: Bearer <token>`. The token is one of three:\n\n"
        "- the access token of a login (15 minutes; renew it with the refresh token),\n"
        "- an API key `duka_live_...`, which a shop's owner makes for another program,\n"
        "- a register's credential `duka_reg_...`, which delivers that register's documents and nothing else.\n\n"
        "An account that works in several shops names one in `X-Shop-ID`.",
    ),
    (
        "Answers",
        "A success is `{\"success\": true, \"data\": ..., \"message\": ..., \"timestamp\": ...}`. A list has `page` "
        "beside `data`. A refusal is `{\"success\": false, \"message\": ..., \"error\": {\"code\", \"message\", "
        "\"details\"}, \"timestamp\": ...}`: `code` is for programs and never changes its meaning, `message` is for "
        "people, in the language of `Accept-Language`. With `Accept: application/problem+json` a refusal comes as "
        "RFC 9457 problem details.",
    ),
    (
        "Statuses",
        "- 200 done, 201 made (`Location` says where), 202 begun\n"
        "- 400 not as described, or refused by a rule of the shop (own code each); 401 not logged in; 402 beyond the "
        "plan; 403 the role has no such permission; 404 not there, or not yours to see (never told apart)\n"
        "- 409 somebody changed it meanwhile, or the id was used with other content; 413 too large; 415 not JSON\n"
        "- 429 too many requests and 503 not now: wait for `Retry-After` seconds and repeat, nothing was stored",
    ),
    (
        "Money, quantities, times",
        "Money is a whole number of the currency's smallest unit: 150000 is UGX 150,000 and INR 1,500.00. Quantities "
        "are numbers with at most 3 decimals. Tax rates are basis points: 1800 is 18 %. Times are RFC 3339 in UTC, "
        "business dates `YYYY-MM-DD` in the shop's zone. Phones may be sent in any local form and come back as E.164. "
        "Ids are UUIDv7; you may give your own when you make something.",
    ),
    (
        "Repeating safely",
        "Every POST may be repeated. A document (a sale, a payment, a count) is known by its `id`; anything else by the "
        "`Idempotency-Key` you send. The same id or key with the same body gets the first answer again, with "
        "`Idempotency-Replayed: true`; with another body it is refused with 409 and nothing changes.",
    ),
    (
        "Changing",
        "`PUT` changes the fields you send and leaves the others; `null` clears a field. Say which version you changed "
        "as `version` in the body or as `If-Match`; when somebody was faster you get 409 and the newer version's "
        "number. Unknown fields are refused, so that a typing error is noticed.",
    ),
    (
        "Lists",
        "`limit` (50, at most 200), `cursor` (the `next_cursor` of the page before), `sort` (a field, `-` before it "
        "for descending), `q` (part of a name, code or number), `total=true` to count. Many lists also come as a file: "
        "`format=csv`, `xlsx` or `json`, up to 10,000 rows.",
    ),
    (
        "Limits",
        "A person may ask 100 times a minute, a register deliver 3,000 times; the operator can change both. "
        "`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say where you stand. JSON bodies may have 1 MB, "
        "uploads 50 MB. Every answer has an `X-Request-ID`; yours is kept when you send one. Tell it when you ask for "
        "help.",
    ),
)
