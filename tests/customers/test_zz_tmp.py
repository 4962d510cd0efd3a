async def test_x(client):
    d=(await client.get("/api/openapi.json")).json()
    for p,ops in d["paths"].items():
        if "customer" in p:
            for m,o in ops.items(): print(m.upper(), p, o["operationId"], o["x-permission"], sorted(o["responses"]))
