"""Whether the process says truly how it is."""

import httpx2


async def test_a_living_process_says_so(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/healthz")
    assert answer.status_code == 200, answer.text
